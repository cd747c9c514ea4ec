"""The emergency page: needs no sign-in; drugs, times, the set and who is here, each one touch."""
