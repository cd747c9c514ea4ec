"""One folder per family of infusion pumps, each with its wire format, driver and simulator."""
