"""The page of the clinic's patients."""
