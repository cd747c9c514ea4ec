"""What becomes another one after the start: bag, order, and the second person's check of it."""
