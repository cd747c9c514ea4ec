"""HL7 v2 as monitors send it: blocks on the line, messages and acknowledgements, times, and MDC names and units."""
