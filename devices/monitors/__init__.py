"""Patient monitors: one folder for each family, with its wire format, driver, simulator and SPEC."""
