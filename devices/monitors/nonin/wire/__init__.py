"""Nonin's serial formats, both ways: requests, beat-by-beat frames (2 and 7), short packets (8 and 13) and text."""
