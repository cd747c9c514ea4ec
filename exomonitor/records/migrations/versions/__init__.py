"""One module for each step, named by its number. A released step is never edited."""
