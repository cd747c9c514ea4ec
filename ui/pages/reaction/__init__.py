"""A reaction on screen: stamped at once, graded, its symptoms, what was done, and going on."""
