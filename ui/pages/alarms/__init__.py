"""The page of the alarms: what stands, why it is heard or silent, limits, log and statistics."""
