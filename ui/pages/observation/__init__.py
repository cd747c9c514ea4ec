"""One set of observations: live values offered, answers, reasons, oxygen, and what waits as a draft."""
