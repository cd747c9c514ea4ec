"""Alarm conditions of one chair: limits, detectors, the policy of states, and the manager that alone owns them."""
