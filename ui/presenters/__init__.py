"""Snapshot to words, colours and states: pure functions that know no widget."""
