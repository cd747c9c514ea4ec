"""From the record to files that stand alone, and back to prove them."""
