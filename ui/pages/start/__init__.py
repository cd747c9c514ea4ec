"""The page of an empty chair: who is at work, what is to be done, and the next session."""
