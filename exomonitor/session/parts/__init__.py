"""The parts of a visit, each with its events, commands and share of the session's state."""
