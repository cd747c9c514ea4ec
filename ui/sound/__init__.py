"""The sound of alarms: made as numbers, played by a helper process, watched from the screen."""
