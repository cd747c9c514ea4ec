"""What serial protocols share: checksums, and cutting a stream of bytes into frames."""
