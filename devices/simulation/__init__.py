"""What the wire simulators share: a made-up patient, made-up faults, and the scenes they play in."""
