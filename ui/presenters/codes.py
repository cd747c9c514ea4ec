"""The coded answers that the screen offers: the code goes into the record, the words stand on the key."""

from __future__ import annotations

Options = tuple[tuple[str, str], ...]
"""(code, words) in the order shown."""

MEANINGS = (
    ("pause", "Paused, goes on later"),
    ("stop", "Stopped, no more product"),
    ("complete", "Bag empty, all is in"),
    ("resume", "Runs again"),
    ("rate", "Rate changed"),
)
REASONS: dict[str, tuple[tuple[str, str], ...]] = {
    "pause": (
        ("reaction", "Reaction"),
        ("patient_request", "Patient asked"),
        ("site", "Site or line"),
        ("pump_alarm", "Pump alarm"),
        ("toilet", "Toilet"),
        ("prescriber", "Prescriber's order"),
        ("other", "Other"),
    ),
    "stop": (
        ("reaction", "Reaction"),
        ("patient_request", "Patient asked"),
        ("site", "Site or line"),
        ("pump_fault", "Pump fault"),
        ("prescriber", "Prescriber's order"),
        ("product", "Product problem"),
        ("other", "Other"),
    ),
    "complete": (),
    "resume": (
        ("solved", "Problem solved"),
        ("prescriber", "Prescriber's order"),
        ("other", "Other"),
    ),
    "rate": (
        ("ramp", "Planned step"),
        ("slowed", "Slowed: symptoms"),
        ("prescriber", "Prescriber's order"),
        ("correction", "Corrected"),
        ("other", "Other"),
    ),
}
QUESTION_MEANING = {"stopped": "", "rate": "rate", "ended": "complete", "resumed": "resume"}

CONSCIOUSNESS = (
    ("alert", "A  Alert"),
    ("confused", "C  New confusion"),
    ("voice", "V  To voice"),
    ("pain", "P  To pain"),
    ("unresponsive", "U  Unresponsive"),
)
SITE_KEYS = (
    ("0", "0  Nothing"),
    ("1", "1  Red or painful"),
    ("2", "2  Painful, red, swollen"),
    ("3", "3  Streak, cord"),
    ("4", "4  Long cord, pus"),
)
SITE_SCORES = (("0", "0  Nothing"), ("1", "1"), ("2", "2"), ("3", "3"), ("4", "4"))
SITE_WORDS = {
    "": "0 nothing · 1 red or painful · 2 painful and red or swollen · 3 streak, cord · 4 long cord, pus",
    "0": "no redness, no pain",
    "1": "redness, with or without pain",
    "2": "pain with redness or swelling: consider a new site",
    "3": "streak and palpable cord: stop, new site",
    "4": "cord longer than 2.5 cm, or pus: stop, new site",
}
FATIGUE = (("none", "None"), ("mild", "Relieved by rest"), ("moderate", "Not relieved"), ("severe", "Needs help"))
FLU_LIKE = (("none", "None"), ("mild", "Mild"), ("moderate", "Moderate"), ("severe", "Severe"))
OXYGEN = (("air", "Room air"), ("oxygen", "On oxygen"))
MISSED = (
    ("patient_away", "Patient away"),
    ("patient_refused", "Patient refused"),
    ("emergency", "Emergency elsewhere"),
    ("device_fault", "Device fault"),
    ("not_indicated", "Not indicated"),
    ("overlooked", "Overlooked"),
)
NOT_TAKEN = (("refused", "Refused"), ("device_fault", "Device fault"), ("not_indicated", "Not indicated"))
FLUSH = (("yes", "Flushed"), ("no", "No flush is done"))
REACTION_ACTIONS = (
    ("oxygen", "Oxygen"),
    ("fluids", "IV fluids"),
    ("antihistamine", "Antihistamine"),
    ("slowed", "Rate slowed"),
    ("called_ems", "Emergency service called"),
    ("other", "Other treatment"),
)
OUTCOMES = (
    ("resolved", "Resolved"),
    ("resolving", "Getting better"),
    ("not_resolved", "Not resolved"),
    ("transferred", "Transferred"),
    ("fatal", "Died"),
)
ROLES = (("nurse", "Nurse"), ("prescriber", "Prescriber"), ("pharmacist", "Pharmacist"), ("other", "Other"))
CAUSALITY = (
    ("unrelated", "Unrelated"),
    ("unlikely", "Unlikely"),
    ("possible", "Possible"),
    ("probable", "Probable"),
    ("definite", "Definite"),
)
SERIOUS = (
    ("death", "Death"),
    ("life_threatening", "Life-threatening"),
    ("hospital", "Hospital"),
    ("disability", "Disability"),
    ("congenital", "Congenital anomaly"),
    ("important", "Important event"),
)
RESPONSES = (("quick", "Quick"), ("slow", "Slow"), ("none", "None"), ("came_back", "Came back"))
RECHALLENGES = (("not_done", "Not given again"), ("went_well", "Went well"), ("came_back", "Came back"))
PHOTO = (("yes", "Photo allowed"), ("no", "No photo"))
PRESENT_GRADES = (("0", "0 gone"), ("1", "1"), ("2", "2"), ("3", "3"), ("4", "4"))
ORDERED_AGO = (("0", "now"), ("5", "5 min"), ("10", "10 min"), ("20", "20 min"), ("30", "30 min"))
