"""Handlers of the parts of a visit: one module a part, each with its table of commands."""
