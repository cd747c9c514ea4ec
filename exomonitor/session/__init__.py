"""One infusion session: what is planned, what may be asked, what happened, and the state that follows from it."""
