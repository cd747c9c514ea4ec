"""Bytes: drivers, simulators and links of the pumps and monitors that the program reads."""
