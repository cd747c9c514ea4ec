"""The page on which a session is prepared, step by step in the order of the hands."""
