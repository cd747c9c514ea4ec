"""The people who may sign in: added, changed and retired by an administrator."""
