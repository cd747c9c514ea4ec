"""Byte pipes: serial ports, sockets, pseudo-terminals, memory, recordings; all fail in one way."""
