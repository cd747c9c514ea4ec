"""Small parts that pages are made of: cards, keys, entries, choices, banners; they render and say what was wished."""
