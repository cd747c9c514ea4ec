"""The page of a running session: the patient, the pump, the clock and what to do next, at one glance."""
