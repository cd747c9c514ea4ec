"""The page of whoever prepares: lots, certificates, releases, bags."""
