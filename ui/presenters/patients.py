"""Patients in words: the list that is searched, the facts, earlier sessions, and how a dose is timed. No widget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from exomonitor.clinical.course import Phase
from exomonitor.registry.course_of import CourseOf
from exomonitor.registry.holds import LiftedHold
from exomonitor.registry.patients import PatientFacts, PatientRecord, Signed, plain_name
from exomonitor.registry.users import User
from exomonitor.registry.visits import Visit
from exomonitor.session.parts.course import EARLY, FIRST, IN, LATE, DoseTimed
from exomonitor.session.phases import Phase as SessionPhase
from exomonitor.session.plan import AllergyState
from exomonitor.units import rounded
from ui.presenters.words import join

NOT_ASKED = "not asked"
NOT_RECORDED = "not recorded"
QUESTIONS = (
    ("beta_blocker", "Beta blocker"),
    ("ace_inhibitor", "ACE inhibitor"),
    ("asthma_copd", "Asthma or COPD"),
    ("anticoagulant", "Anticoagulant"),
    ("pregnant", "Pregnant"),
    ("infection_positive", "Infection work-up positive"),
)
"""(fact, words) of everything that is answered by yes or no."""
ALLERGY_KEYS = (
    (AllergyState.LIST.value, "Allergic to ..."),
    (AllergyState.NONE_KNOWN.value, "None known"),
    (AllergyState.NOT_ASKED.value, "Not asked"),
)
HOW_KEYS = (("spoken", "Said by patient"), ("wristband", "Wristband"), ("photo", "Photo ID"))
ASK_OPEN = "Ask: “What is your full name? What is your date of birth?” Do not read them out."


# --- finding


@dataclass(frozen=True, slots=True)
class PatientLine:
    """One line of the list; `key` is what is searched, made once."""

    id: str
    name: str
    below: str
    key: str


def lines_of(patients: Mapping[str, PatientRecord]) -> tuple[PatientLine, ...]:
    """Everybody, by name."""
    found = [PatientLine(p.id, p.name, below_name(p.born, p.mrn), _key(p)) for p in patients.values()]
    return tuple(sorted(found, key=lambda line: (line.name.casefold(), line.below)))


def matching(lines: Sequence[PatientLine], typed: str) -> tuple[PatientLine, ...]:
    """Those in whose name, date of birth or MRN every word that was typed occurs."""
    words = typed.casefold().replace(",", " ").split()
    if not words:
        return tuple(lines)
    return tuple(line for line in lines if all(word in line.key for word in words))


def _key(p: PatientRecord) -> str:
    year, month, day = [*p.born.split("-"), "", "", ""][:3]
    dates = f"{p.born} {day}.{month}.{year} {month}/{day}/{year}" if p.born else ""
    return f"{plain_name(p.name)} {p.mrn} {dates} {p.facts.wristband}".casefold()


def below_name(born: str, mrn: str) -> str:
    """`born 1972-03-14 · MRN 0048213`."""
    return join(f"born {born}" if born else "", f"MRN {mrn}" if mrn else "no MRN")


def is_date(text: str) -> bool:
    """Whether this is a date as the record writes it."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


# --- facts


def allergy_words(state: str, text: str) -> str:
    """What is known of allergies."""
    if state == AllergyState.LIST:
        return text
    return "none known" if state == AllergyState.NONE_KNOWN else NOT_ASKED


def yes_no(answer: bool | None) -> str:
    """An answer; not asked is not no."""
    return NOT_ASKED if answer is None else "yes" if answer else "no"


def fact_rows(record: PatientRecord, users: Mapping[str, User]) -> tuple[tuple[str, str], ...]:
    """(label, words) of everything that is known of a patient."""
    facts = record.facts
    weight = f"{facts.weight_kg} kg" if facts.weight_kg is not None else NOT_RECORDED
    rows = [
        ("Allergies", allergy_words(facts.allergy_state, facts.allergies)),
        ("Weight", weight),
        ("Phone", facts.phone or NOT_RECORDED),
        *((words, _answer(name, getattr(facts, name))) for name, words in QUESTIONS),
        ("Earlier reactions", facts.reactions_elsewhere or "none told"),
        ("SpO₂ scale", scale_words(record, users)),
        ("Phase", phase_words(record, users)),
    ]
    return tuple(rows)


def _answer(name: str, answer: bool | None) -> str:
    words = yes_no(answer)
    return f"{words}: NEWS2 does not apply" if name == "pregnant" and answer else words


def scale_words(record: PatientRecord, users: Mapping[str, User]) -> str:
    """Which NEWS2 scale, and who signed it."""
    scale = "2 (target 88-92 %)" if record.scale2 else "1 (ordinary)"
    return scale + _signed(record.scale2_signed, users)


def phase_words(record: PatientRecord, users: Mapping[str, User]) -> str:
    """Which phase of the course, and who set it."""
    return (record.phase or "initial, not set by a prescriber yet") + _signed(record.phase_signed, users)


def _signed(signed: Signed | None, users: Mapping[str, User]) -> str:
    if signed is None:
        return ""
    who = users[signed.by].name if signed.by in users else signed.by
    return f", {who} {signed.at.utc.astimezone():%Y-%m-%d}"


def missing_facts(facts: PatientFacts) -> tuple[str, ...]:
    """What nobody has asked yet, in words."""
    open_ones = [words for name, words in QUESTIONS[:5] if getattr(facts, name) is None]
    return ("Weight", *open_ones) if facts.weight_kg is None else tuple(open_ones)


# --- earlier sessions


def visit_words(visit: Visit) -> tuple[str, str, str, str]:
    """(day, session, given, reaction) of one earlier session, or of an emergency without one."""
    if visit.is_emergency:
        day = visit.opened.utc.astimezone().date().isoformat()
        void = visit.phase is SessionPhase.ABANDONED
        return day, visit.study_id, "emergency, no infusion", "void" if void else reaction_words(visit)
    day = visit.day.isoformat() if visit.day is not None else "not started"
    session = "elsewhere" if visit.elsewhere else visit.study_id
    return day, session, given_words(visit), reaction_words(visit)


def given_words(visit: Visit) -> str:
    """How much, as far as anybody knows."""
    dose = f"{visit.dose_billion} billion ordered" if visit.dose_billion is not None else ""
    if visit.day is None:
        return dose or "nothing given"
    if visit.elsewhere:
        return f"{visit.dose_billion} billion" if visit.dose_billion is not None else "dose not recorded"
    if visit.delivered_ml is None:
        return join(dose, "mL given not known" if visit.product_ended else "running")
    return join(dose, f"{rounded(visit.delivered_ml, 1)} mL given")


def reaction_words(visit: Visit) -> str:
    """The worst reaction."""
    if not visit.reactions:
        return "no reaction"
    graded = f"grade {visit.worst_grade}" if visit.worst_grade else "reaction"
    return join(graded, "not graded" if visit.ungraded else "", "epinephrine" if visit.epinephrine else "")


# --- the time of a dose


@dataclass(frozen=True, slots=True)
class TimingWords:
    """How a dose is timed: one line to read first, the others below; `decide`: what a prescriber is asked, or ""."""

    head: str
    lines: tuple[str, ...]
    decide: str = ""


def timing_words(timed: DoseTimed | None) -> TimingWords:
    """This session's dose against the course."""
    if timed is None:
        return TimingWords("Not judged yet", ("Identify the patient first.",))
    holds = tuple(hold.text for hold in timed.holds)
    return TimingWords(_head(timed), (*_course_lines(timed), *holds), _question(timed))


def _head(timed: DoseTimed) -> str:
    if timed.verdict == EARLY:
        return f"EARLY by {_days(timed.planned, timed.earliest)}"
    if timed.verdict == LATE:
        return f"LATE by {_days(timed.latest, timed.planned)}"
    if timed.holds:
        return "Held" if timed.blocked_by else "Clearance needed"
    return "In the window" if timed.verdict == IN else "First dose: no window to keep"


def _course_lines(timed: DoseTimed) -> tuple[str, ...]:
    if timed.verdict == FIRST:
        return ("No earlier dose of this patient is on record.",)
    phase = f"{timed.phase} phase" + ("" if timed.phase_set else " (not set by a prescriber yet)")
    return (
        join(f"Dose {timed.doses + 1} of the course", phase, f"last dose {timed.last}"),
        f"Window {timed.earliest} to {timed.latest}, both days included; today {timed.planned}",
    )


def _question(timed: DoseTimed) -> str:
    if not timed.needs_prescriber or timed.blocked_by:
        return ""
    if timed.verdict == EARLY:
        return "Give it early? The prescriber signs, with a reason"
    if timed.ask_restart:
        return "Restart the series? The prescriber answers, with a reason"
    return "Give it after the earlier reaction? The prescriber clears it, with a reason"


def _days(earlier: str, later: str) -> str:
    count = (date.fromisoformat(later) - date.fromisoformat(earlier)).days
    return f"{count} day" if count == 1 else f"{count} days"


def next_words(course: CourseOf) -> tuple[str, ...]:
    """The next dose of a patient who is not in the chair now."""
    window = course.next.window
    if window is None:
        return ("No dose is on record: the first one has no window.", *_hold_lines(course))
    needed = "" if course.phase is Phase.INITIAL else ", as needed"
    opens = f"Next dose{needed}: window opens {window.earliest}, closes {window.latest}"
    doses = f"{course.doses} dose{'s' if course.doses != 1 else ''}, last on {course.last}"
    return join(f"{course.phase.value.capitalize()} phase", doses), opens, *_hold_lines(course)


def lifted_words(lifted: Iterable[LiftedHold], users: Mapping[str, User]) -> tuple[str, ...]:
    """`Hold lifted (grade 3) 2026-03-02 by Dr Example: why`, the newest first: for these reactions alone."""
    return tuple(
        f"Hold lifted ({f'grade {one.worst_grade}' if one.worst_grade else 'not graded'})"
        f"{_signed(Signed(one.by, one.at), users).replace(',', ' by', 1)}: {one.reason or 'reason withheld'}"
        for one in reversed(tuple(lifted))
    )


def _hold_lines(course: CourseOf) -> tuple[str, ...]:
    return tuple(hold.text for hold in course.next.holds)


def several(words: Iterable[str]) -> str:
    """`weight, pregnant`: in one line, the first word as it stands."""
    return ", ".join(words)
