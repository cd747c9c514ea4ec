"""What is said of the next dose while a date is chosen: the window, where the date lies, what holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from exomonitor.clinical.course import Hold, HoldReason, Phase, Timing
from exomonitor.clinical.rulebook import Rulebook
from exomonitor.clock import Instant, local_day
from exomonitor.errors import CommandRefused
from exomonitor.registry.aftercare import Aftercare
from exomonitor.registry.course_of import course_of
from exomonitor.registry.registry import Registry
from exomonitor.session.parts import leaving_events as lv
from ui.presenters.patients import lifted_words
from ui.presenters.words import join

DECISIONS = (
    (lv.BOOKED, "Book a date"),
    (lv.AS_NEEDED, "As needed"),
    (lv.PRESCRIBER_DECIDES, "Prescriber decides"),
    (lv.NO_FURTHER, "No further dose"),
)


@dataclass(frozen=True, slots=True)
class NextDoseView:
    """`offered`: the first day worth offering. `blocked`: nothing can be booked, and why. `needs_reason` and
    `needs_prescriber` hold for the chosen date."""

    window: str
    verdict: str
    holds: tuple[str, ...]
    blocked: str
    offered: date | None
    needs_reason: bool
    needs_prescriber: bool
    as_needed: bool
    lifted: tuple[str, ...] = ()
    """The holds after a reaction that a prescriber lifted."""


def _blocking(hold: HoldReason) -> str:
    """Why nothing can be booked, and where that ends."""
    return f"{hold.text}. A prescriber lifts it on the patient's page" if hold.hold is Hold.REACTION else hold.text


def next_dose_view(
    registry: Registry, record: Aftercare | None, rules: Rulebook, now: Instant, planned: date | None
) -> NextDoseView:
    """The words for a visit's next dose on `planned` (None = no date is chosen yet)."""
    if record is None or not record.patient:
        return NextDoseView("No patient of the clinic's list", "", (), "no patient", None, False, False, False)
    today = local_day(now, record.tz)
    try:
        calls = (now.utc, rules.follow_up.content)
        course = course_of(
            registry, record.patient, planned or today, rules.course.content, record.tz, follow_up=calls
        )  # fmt: skip
    except CommandRefused as refused:
        return NextDoseView("", str(refused), (), str(refused), None, False, False, False)
    window, where = course.next.window, course.next.timing if planned is not None else None
    blocked = next((_blocking(hold) for hold in course.next.holds if not hold.clearable), "")
    phase = join(
        f"{course.phase.value.capitalize()} phase" + ("" if course.phase_set else " (not set by the prescriber)"),
        f"last dose {course.last}" if course.last is not None else "no dose yet",
    )
    span = f"window opens {window.earliest}, closes {window.latest}" if window is not None else "no window"
    offered = max(window.earliest, today + timedelta(days=1)) if window is not None else None
    return NextDoseView(
        window=join(phase, span),
        verdict=course.next.sentence if planned is not None else "",
        holds=tuple(_blocking(hold) for hold in course.next.holds),
        blocked=blocked,
        # Maintenance is as needed: no date is offered by itself.
        offered=offered if course.phase is Phase.INITIAL else None,
        needs_reason=where in {Timing.EARLY, Timing.LATE} or bool(course.next.holds),
        needs_prescriber=where is Timing.EARLY or bool(course.next.holds),
        as_needed=course.phase is Phase.MAINTENANCE,
        lifted=lifted_words(course.lifted, registry.users),
    )
