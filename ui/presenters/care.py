"""Words for what happens beside the infusion: the tiles of More, codes of the site, an absence and its count-up."""

from __future__ import annotations

from exomonitor.clinical.sites import INFILTRATION, PHLEBITIS, SiteScore, SiteTable, grade_text, site_prompt
from exomonitor.engine.snapshot import Snapshot
from exomonitor.errors import CommandRefused
from exomonitor.units import clock_text
from ui.presenters.words import hm

AWAY = (("toilet", "Toilet"), ("walk", "Walk"), ("imaging", "Imaging"), ("other", "Other"))
LINE = (("ok", "Line and site well"), ("problem", "Problem with the line"))
SENSORS = (("on", "Sensors on"), ("off", "Not on yet"))
PROBLEM = (("look", "Only looked at"), ("stopped", "Problem: stopped at pump"), ("runs", "Problem: pump runs on"))
GRADES = tuple((str(grade), str(grade)) for grade in range(5))
SIGNS = (
    ("redness", "Redness"),
    ("swelling", "Swelling"),
    ("pain", "Pain"),
    ("cord", "Cord, streak"),
    ("cool", "Cool, pale"),
    ("leak", "Leaks"),
    ("no_flow", "No flow"),
    ("pulled_out", "Pulled out"),
)
ACTIONS = (
    ("secured", "Secured"),
    ("flushed", "Flushed"),
    ("resited", "New site"),
    ("watch", "Watched"),
    ("prescriber", "Prescriber told"),
)
OLD_SET = (("discarded", "Old set discarded"), ("kept", "Old set kept"))
PRIMED = (("diluent", "Primed with diluent"), ("product", "Primed with product"))
SITES = tuple((one, one.capitalize()) for one in ("hand", "forearm", "elbow", "upper arm"))
SIDES = (("left", "Left"), ("right", "Right"))
GAUGES = tuple((one, one) for one in ("18 G", "20 G", "22 G", "24 G"))


def site_words(phlebitis: str, infiltration: str, table: SiteTable) -> tuple[str, bool]:
    """What the chosen grades mean, and whether they ask for a new site."""
    score = SiteScore(int(phlebitis) if phlebitis else None, int(infiltration) if infiltration else None)
    try:
        prompt = site_prompt(score, table)
        if prompt:
            return prompt, True
        said = [
            f"{table.of(key).name} {grade}: {grade_text(table.of(key), grade)}"
            for key, grade in ((PHLEBITIS, score.phlebitis), (INFILTRATION, score.infiltration))
            if grade is not None
        ]
    except CommandRefused as refused:
        return str(refused), True
    return " · ".join(said), False


def away_words(snapshot: Snapshot) -> str:
    """`Away 04:32, since 14:20`; "" while the patient is in the chair."""
    away = snapshot.session.care.away if snapshot.session is not None else None
    if away is None:
        return ""
    return f"Away {clock_text(snapshot.now.since(away.began))}, since {hm(away.began)}"


def access_words(snapshot: Snapshot) -> str:
    """The accesses of this session, the present one last."""
    if snapshot.session is None:
        return ""
    parts = []
    for one in snapshot.session.care.accesses:
        gone = f", {one.discarded_ml} mL discarded before it" if one.old_set_discarded else ""
        parts.append(f"{one.side} {one.site} {one.gauge} from {hm(one.since)}{gone}")
    return " · ".join(parts)
