"""The record on disk: the only part of the program that knows SQL."""
