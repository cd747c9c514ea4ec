"""The words of the help page: every key, what the signs mean, and a visit step by step."""

from __future__ import annotations

Lines = tuple[tuple[str, str], ...]

KEYS: Lines = (
    ("F8", "Reaction: stamps the moment at once; again: emergency page"),
    ("F2", "Acknowledge the alarm shown, and others of its kind"),
    ("F3", "Pause the sound for 2 minutes, once for each alarm"),
    ("F4", "All alarms; with Shift: why each is on or silent, limits, log"),
    ("F5", "Record an observation set; in Prepare: the baseline set"),
    ("F6", "More: note, patient's words, new line, container, what if"),
    ("F7", "Reaction: grade, details, going on, missing names"),
    ("F9", "Record what was done at the pump; in Prepare: start the record"),
    ("F10, F11", "Patient away or back; site or line problem"),
    ("F12", "Who is at work: sign in, take over, break; with Shift: lock"),
    ("Ctrl+L", "Wipe the screen: touches do nothing for 20 s"),
    ("Ins", "Layout: standard, large figures, trend"),
    ("PgUp, PgDn", "Choose waves, size, speed; what time the trend shows"),
    ("Left, Right", "Read the trend at a moment; a touch in it does the same"),
    ("Esc", "One step back"),
    ("Enter", "Save"),
    ("Alt+1, 2 ...", "The places at the left, from the top"),
    ("Ctrl+1 ... 8", "Another chair, where there are several, from the left"),
    ("Tab", "Next field or key"),
    ("F1", "This sheet"),
)
SIGNS: Lines = (
    ("--", "There is no value"),
    ("grey, OLD", "The value is not live any more; its age stands below it"),
    ("?", "The monitor itself doubts the value"),
    ("typed, counted", "A person has entered it"),
    ("estimated", "Worked out from rate and time"),
    ("coloured fill", "An active alarm: red high, yellow medium, cyan low"),
    ("coloured frame", "The alarm is acknowledged and still present"),
    ("heart", "Beats while the program works; if it stands still, trust nothing here"),
    ("blue hatch", "Simulated: no person is connected"),
)
BEFORE: Lines = (
    ("1  Sign in", "F12: name or badge, then your PIN. Then “Prepare a session”."),
    ("2  Patient", "Scan the wristband or find the name. The patient says name and date of birth."),
    ("3  Course", "First dose, in its window, or not: early or on hold takes the prescriber's PIN."),
    ("4  Bag", "Scan the label. A bag that may not be given says why; fetch another one."),
    ("5  Order", "Dose, volume, minutes. Read the number back; the plan stands beside it."),
    ("6  Consent, line, premed", "The lists of your clinic, one touch a tick; premedication with its time."),
    ("7  Pump and monitor", "Choose both, or say that values are typed."),
    ("8  Second check", "Hand over: the second person scans and types without seeing your values."),
    ("9  Baseline set", "F5. Not older than the protocol allows when you start."),
    ("10  Time-out, F9", "At the chair, four ticks. F9 starts the record; you start the pump."),
)
AFTER: Lines = (
    ("11  Infuse", "NEXT says what to do. F5 opens a set; live values are filled in, three taps remain."),
    ("12  Anything at the pump", "Do it at the pump, then F9: say what it was."),
    ("13  Reaction", "F8 at once. Stop at the pump, tick the steps, touch what you see. Grade later with F7."),
    ("14  Emergency", "F8 again: steps and drugs with their times. Who did it is asked afterwards."),
    ("15  Break, shift change", "F12: the other nurse signs, reads the card, takes over."),
    ("16  End", "Product in: flush with F9, end set, IV out and tasks."),
    ("17  Observe", "Sets by the schedule, in the chair or in the lounge. What is not met stands in bold."),
    ("18  Leave", "Home when all is met; else the prescriber's PIN, a transfer, or against advice."),
    ("19  Sign off", "Read the sheet, your PIN. Mistakes: History, Correct. Nothing is deleted."),
    ("20  Days after", "Calls wait on the start page. The next dose is booked in its window."),
)
RULE = "This program watches and records. It cannot start, stop or change the pump: that is done at the pump."
