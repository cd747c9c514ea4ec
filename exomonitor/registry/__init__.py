"""What the clinic knows beyond one session, as a fold of the journal: users, patients, lots, visits, follow-up."""
