"""Files that the program ships: scenarios, protocols, icons, sounds, fonts; read through importlib.resources."""
