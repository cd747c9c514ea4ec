"""The engine: takes what devices say and people ask, decides, and hands facts to record and screen."""
