"""Who is in the chair, what is being given, which devices talk, whether the record is kept and alarms can be heard."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from exomonitor.engine.snapshot import LinkView, Snapshot
from exomonitor.session.places import place_words
from exomonitor.session.state import SessionState
from exomonitor.signals.links import LinkState
from exomonitor.units import clock_text, rounded
from ui.presenters.alarms import pause_left_s
from ui.presenters.handover import staff_below
from ui.presenters.locked import LOCKED, UNNAMED
from ui.presenters.words import age, hm, hms, plain


@dataclass(frozen=True, slots=True)
class Chip:
    """A small statement: words, the part in bold, and whether something is wrong (then it also has a shape)."""

    label: str
    strong: str
    tail: str = ""
    bad: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class HeaderView:
    """The first strip."""

    chair: str
    name: str
    born: str
    simulated: bool
    chips: tuple[Chip, ...]
    staff: str
    clock: str
    beat: int
    staff_below: str = ""


_LONGEST_NAME = 16
_LINK_WORDS = {
    LinkState.CLOSED: "closed",
    LinkState.OPENING: "opening",
    LinkState.SILENT: "silent",
    LinkState.STALE: "silent",
    LinkState.LOST: "LOST",
    LinkState.WRONG_DEVICE: "WRONG DEVICE",
}


def header(snapshot: Snapshot) -> HeaderView:
    """The first strip of every page."""
    session = snapshot.session
    patient = session.patient if session is not None else None
    return HeaderView(
        chair=snapshot.chair,
        name=patient.name if patient is not None else _unnamed(session),
        born=_below_name(snapshot),
        simulated=snapshot.simulated,
        chips=(*device_chips(snapshot), record_chip(snapshot), sound_chip(snapshot)),
        staff=snapshot.staff or "Who is at work?",
        clock=hms(snapshot.now),
        beat=snapshot.beat,
        staff_below=staff_below(snapshot),
    )


def _below_name(snapshot: Snapshot) -> str:
    """The second identifiers, or why they are not there."""
    patient = snapshot.session.patient if snapshot.session is not None else None
    if snapshot.locked or snapshot.unnamed:
        return LOCKED if snapshot.locked else UNNAMED
    return f"born {patient.born} · MRN {patient.mrn}" if patient is not None else ""


def _unnamed(session: SessionState | None) -> str:
    if session is None or (session.is_emergency and not session.phase.is_open):
        return "No session"
    return "EMERGENCY" if session.is_emergency else "New session"


def chair_chip(snapshot: Snapshot) -> Chip:
    """Which chair this is, and which ones another station watches; where a badge says so already, that the wristband
    is wanted."""
    if snapshot.chairs:
        return Chip("", "Wristband first", bad=True)
    elsewhere = f"· not shown: {', '.join(snapshot.not_shown)}" if snapshot.not_shown else ""
    return Chip("Chair", snapshot.chair, elsewhere)


def device_chips(snapshot: Snapshot) -> tuple[Chip, ...]:
    """One chip per bound device with the age of its last frame; a missing role says that values are typed."""
    links = {link.role: link for link in snapshot.links}
    return tuple(
        _device_chip(role, links[role]) if role in links else Chip(role.capitalize(), "typed", key=role)
        for role in ("pump", "monitor")
        if role in links or snapshot.session is not None
    )


def _device_chip(role: str, link: LinkView) -> Chip:
    state = link.change.state
    if state is LinkState.TALKING:
        name = short_name(link.change.model) or short_name(link.name) or role.capitalize()
        return Chip("", name, age(link.age_s), key=role)
    word = _LINK_WORDS[state]
    tail = f"{word} {age(link.age_s)}" if link.age_s is not None else word
    return Chip("", role.capitalize(), tail, bad=True, key=role)


def short_name(name: str) -> str:
    """A device's name as it fits into the header, never cut: without brackets, then without the maker's first word;
    "" where that is still too long."""
    plain = name.partition(" (")[0].strip()
    for shorter in (plain, plain.partition(" ")[2]):
        if 0 < len(shorter) <= _LONGEST_NAME:
            return shorter
    return ""


def record_chip(snapshot: Snapshot) -> Chip:
    """When something was last committed, or that nothing is."""
    record = snapshot.record
    if record.fault:
        return Chip("", "NOT SAVED", bad=True, key="record")
    if record.saved_at is None:
        return Chip("Record", "empty", key="record")
    return Chip("Saved", hms(record.saved_at), key="record")


def sound_chip(snapshot: Snapshot) -> Chip:
    """Whether alarms can be heard."""
    audio = snapshot.audio
    if not audio.ok:
        return Chip("", "NO SOUND", "", bad=True, key="sound")
    paused = pause_left_s(snapshot)
    if audio.sounding is not None and audio.owner:
        tail = f"Audio paused {clock_text(paused)}" if paused > 0 else ""
        return Chip("SOUND", place_words(audio.owner, inside=True), tail, key="sound")
    if paused > 0:
        return Chip("Audio paused", clock_text(paused), bad=True, key="sound")
    return Chip("Sound", "on", key="sound")


def care_facts(snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
    """The second strip: (label, words) of what stands on the wristband, the bag and the arm."""
    session = snapshot.session
    if session is None:
        return ()
    facts: list[tuple[str, str]] = []
    if session.is_emergency:
        facts.append(
            ("", "Emergency record, no infusion" + ("" if session.patient else ": whose it is is asked later"))
        )
    if session.patient is not None:
        facts.append(("Allergy", session.patient.allergies or "not asked"))
    if session.product is not None or session.order is not None:
        facts.append(("Product", _product(snapshot)))
    if session.line is not None:
        facts.append(("IV", _line(snapshot)))
        probes = _probes(snapshot)
        if probes:
            facts.append(("Cuff", probes))
    if session.order is not None:
        if session.order.premedication:
            facts.append(("Premed", session.order.premedication))
        if session.order.prescriber:
            facts.append(("Prescriber", session.order.prescriber))
        facts.append(("", "first dose" if session.order.first_dose else "repeat dose"))
    return tuple(facts)


def _product(snapshot: Snapshot) -> str:
    session = snapshot.session
    assert session is not None
    parts = []
    if session.product is not None:
        parts += [session.product.source_cell.value, f"lot {session.product.lot}"]
    if session.order is not None:
        parts.append(f"{_billions(session.order.dose_billion)} billion")
    return " · ".join(parts)


def _billions(dose: Decimal) -> str:
    """At least one decimal, and no needless second one."""
    return str(rounded(dose, 2)).removesuffix("0")


def _line(snapshot: Snapshot) -> str:
    session = snapshot.session
    assert session is not None
    line = session.line
    assert line is not None
    text = " ".join(part for part in (line.side, line.site, line.gauge) if part)
    scored = [done for done in session.observations.values() if done.event.site_score is not None]
    if scored:
        last = max(scored, key=lambda done: done.event.observed.utc)
        text += f" · site {last.event.site_score} {hm(last.event.observed)}"
    return text


def _probes(snapshot: Snapshot) -> str:
    session = snapshot.session
    assert session is not None
    line = session.line
    assert line is not None
    spo2 = f"SpO₂ {line.spo2_site}" if line.spo2_site else ""
    return " · ".join(part for part in (line.cuff_arm, spo2) if part)


def limits_chip(snapshot: Snapshot) -> Chip | None:
    """The banner in every page's frame: `LIMITS CHANGED HR low 40 +1`; None while nothing is changed."""
    own = snapshot.limits_changed
    if not own:
        return None
    more = f"+{len(own) - 1}" if len(own) > 1 else ""
    return Chip("LIMITS CHANGED", f"{own[0].name} {plain(own[0].limit)}", more, bad=True, key="limits")
