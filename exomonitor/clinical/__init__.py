"""Rules that a clinician recognises, as pure functions; the clinic's own numbers stand in resources/protocols."""
