"""The clock of the infusion: what remains, what has run, when it ends, and where that lies in the allowed window."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.not_certain import absent
from exomonitor.session.phases import Phase
from exomonitor.units import clock_text
from ui.presenters.words import UNKNOWN, hm, number, plain

_TITLES = {
    Phase.PREPARE: "Prepare",
    Phase.INFUSE: "Infusion",
    Phase.OBSERVE: "Observation",
    Phase.EMERGENCY: "Emergency",
    Phase.SIGNED: "Signed",
    Phase.ABANDONED: "Closed without a start",
}

_UNSURE = "times unsure"


@dataclass(frozen=True, slots=True)
class TimerView:
    """The ring says what its centre says. `share`: what remains, 0 to 1; minutes for the bar; `mark`: a stop or a start
    may be among entries that are lost."""

    title: str
    caption: str
    centre: str
    below: str
    share: float | None
    infused_min: float
    planned_min: float | None
    end_min: float | None
    shortest_min: float
    longest_min: float
    infusing: str
    paused: str
    elapsed: str
    running: bool
    mark: str = ""


def timer(snapshot: Snapshot, shortest_min: float, longest_min: float) -> TimerView:
    """The timer card; without a running infusion it says what the time is counted from."""
    session, progress = snapshot.session, snapshot.progress
    phase = session.phase if session is not None else Phase.PREPARE
    planned = float(session.order.minutes) if session is not None and session.order is not None else None
    title = f"{_TITLES[phase]} · phase {phase.number} of 4"
    if session is None or progress is None or session.started is None:
        caption = absent("not started", session.lost if session is not None else 0)
        return TimerView(
            title, caption, UNKNOWN, _planned_words(planned), None, 0.0, planned, None, shortest_min,
            longest_min, UNKNOWN, UNKNOWN, UNKNOWN, False,
        )  # fmt: skip
    infused_min = progress.infusing_s / 60
    caption, centre, below = _words(snapshot)
    end_min = infused_min + progress.remaining_s / 60 if progress.remaining_s is not None else None
    share = None
    if session.product_end is None and end_min:
        share = max(0.0, 1.0 - infused_min / end_min)
    elif session.product_end is None and planned and progress.running:
        share = max(0.0, 1.0 - infused_min / planned)
    return TimerView(
        title=title,
        caption=caption,
        centre=centre,
        below=below,
        share=share,
        infused_min=infused_min,
        planned_min=planned,
        end_min=end_min,
        shortest_min=shortest_min,
        longest_min=longest_min,
        infusing=clock_text(progress.infusing_s),
        paused=clock_text(progress.paused_s),
        elapsed=clock_text(progress.elapsed_s),
        running=progress.running,
        mark=_UNSURE if session.lost else "",
    )


def _planned_words(planned: float | None) -> str:
    return f"{plain(planned)} min planned" if planned is not None else ""


def _words(snapshot: Snapshot) -> tuple[str, str, str]:
    """Caption, centre and the line below the centre."""
    session, progress = snapshot.session, snapshot.progress
    assert session is not None
    assert progress is not None
    if session.end is not None:
        since = snapshot.now.since(session.end)
        return "since the end", clock_text(since), f"ended {hm(session.end)}"
    if session.product_end is not None:
        since = snapshot.now.since(session.product_end.when)
        return "since product end", clock_text(since), "flush the line"
    if progress.remaining_s is not None:
        return "remaining", clock_text(progress.remaining_s), f"ends {hm(progress.ends_at)}"
    if not progress.running:
        stood = session.delivery.began if session.delivery is not None else None
        left = progress.remaining_ml
        below = f"{number(left, 1)} mL left" if left is not None else "end not known"
        return "paused", clock_text(snapshot.now.since(stood)) if stood else UNKNOWN, below
    return "remaining", UNKNOWN, "end not known"
