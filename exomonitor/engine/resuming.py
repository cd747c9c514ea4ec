"""A session that is taken up again: the time in which nothing was watched, and whether that is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from exomonitor.clock import Instant, zone_name
from exomonitor.engine.chair import Chair
from exomonitor.engine.clock_at_start import ClockAtStart
from exomonitor.engine.clock_watch import ClockNews, clock_news
from exomonitor.engine.live import NOT_RUNNING
from exomonitor.engine.standing import told_on_call
from exomonitor.registry.on_file import reaction_on_file
from exomonitor.registry.registry import Registry
from exomonitor.session.entry import Entry, Event
from exomonitor.session.kept import begun_without, nothing_left
from exomonitor.session.machine_events import GapClosed, MonitoringResumed
from exomonitor.session.state import SessionState


def heard_anew(entries: Sequence[Entry]) -> dict[str, Instant]:
    """Source -> where it was heard again last after the program had been away."""
    gaps = (entry.event for entry in entries if isinstance(entry.event, GapClosed))
    return {gap.source: gap.ended for gap in gaps if gap.cause == NOT_RUNNING}


def begun(
    chair: Chair,
    session: str,
    entries: Sequence[Entry],
    left_off: Mapping[str, Instant],
    now: Instant,
    lost: int,
    *,
    simulated: bool,
) -> SessionState | None:
    """Where a session begins whose first entry is among the `lost` ones; None = it is there. Where none of its entries
    is left, all that is known is up to when something was stored of its devices."""
    if not lost:
        return None
    if entries:
        return begun_without(entries, simulated=simulated, chair=chair.name)
    away_s = max((now.since(at) for at in left_off.values()), default=0.0)
    since = now.plus(-max(0.0, away_s))
    return nothing_left(session, since, zone_name(), lost, simulated=simulated, chair=chair.name)


def take_up(
    chair: Chair,
    entries: Sequence[Entry],
    gone: Event | None,
    registry: Registry,
    now: Instant,
    left_off: Mapping[str, Instant],
    clock: ClockAtStart | None,
    lost: int,
) -> None:
    """Take up the session of these entries in the chair, of which so many are `lost`. gone: what is to be said of the
    protocol that it was under."""
    chair.told_on_call = told_on_call(entries)
    chair.restore(entries, lost)
    state = chair.state
    if state is None:
        return
    if state.last_at is None:  # none of its entries is left
        chair.live.left_off, chair.live.away_unknown = _by_now(left_off, now), True
        # Nothing was watched since the source that was heard last; one that was silent long before says nothing of it.
        gap_s = min((max(0.0, now.since(at)) for at in left_off.values()), default=0.0)
        chair.record(MonitoringResumed(round(gap_s, 3), same_boot=False, known=False), now)
        return
    if gone is not None:
        chair.record(gone, now)
    chair.watch.on_file = reaction_on_file(registry, state)
    chair.heed_reaction(now)
    _note_resumed(chair, state, now, left_off, clock, went_further=lost > _holes(entries))


def _note_resumed(
    chair: Chair,
    state: SessionState,
    now: Instant,
    left_off: Mapping[str, Instant],
    clock: ClockAtStart | None,
    *,
    went_further: bool,
) -> None:
    """Record it, alarm about a clock that cannot be believed, and ask whether this is still the patient."""
    doubt = clock.news if clock is not None else None
    news = doubt if clock is not None else clock_news(state.last_at, now)  # it was moved while nobody looked
    chair.live.left_off, chair.live.away_unknown = _by_now(left_off, now), doubt is not None
    if news is not None:
        chair.note_clock(_not_less(news) if went_further else news, now)
    if state.last_at is not None:
        gap_s = round(max(0.0, now.since(state.last_at)), 3)
        same_boot = clock is None and now.boot_id == state.last_at.boot_id
        chair.record(MonitoringResumed(gap_s, same_boot, known=doubt is None), now)
    if state.patient is not None:
        chair.resume_offer = f"Still {state.patient.name} in chair {chair.name}?"


def _holes(entries: Sequence[Entry]) -> int:
    """How many entries are gone before the last of these: where more are lost, the record may have gone further."""
    places = {entry.session_seq for entry in entries}
    return max(places, default=0) - len(places)


def _not_less(news: ClockNews) -> ClockNews:
    """The same of a clock that is behind a record which may have gone further."""
    moved = news.event
    if moved is None or not moved.at_start or moved.seconds > 0:
        return news
    return replace(news, event=replace(moved, at_least=True))


def _by_now(left_off: Mapping[str, Instant], now: Instant) -> dict[str, Instant]:
    """No gap begins in the time to come, whatever a row that nothing proves says."""
    return {source: now if at.since(now) > 0 else at for source, at in left_off.items()}
