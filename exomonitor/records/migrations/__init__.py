"""How a database came to its present form, one linear step after another."""
