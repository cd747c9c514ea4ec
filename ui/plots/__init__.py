"""What is drawn over time: live waves as a sweep, the session's trend, and the preview of a planned rate."""
