"""What surrounds every page: identity, alarms, navigation."""
