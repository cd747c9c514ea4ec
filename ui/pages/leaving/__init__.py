"""The end of a visit on screen: criteria, IV removal, tasks, next dose, and how the patient leaves."""
