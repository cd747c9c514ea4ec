"""The core: what a session is, what is recorded and how; no Qt, no serial port, no SQL outside records."""

__version__ = "0.1.0"
