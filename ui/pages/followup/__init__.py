"""The days after a visit on screen: the work list, the call with its questions, what is left to the prescriber."""
