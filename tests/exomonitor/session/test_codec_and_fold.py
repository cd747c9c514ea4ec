"""Every event survives its plain form; the state is the fold of the journal, corrections included."""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exomonitor.clock import Instant, ManualClock
from exomonitor.integrity import canonical_json
from exomonitor.session import events as ev
from exomonitor.session import machine_events as mv
from exomonitor.session.codec import from_plain, private_fields, to_plain
from exomonitor.session.entry import EVENTS, Entry, Event, event_body, event_from
from exomonitor.session.fold import apply, fold
from exomonitor.session.narrative import sentence, slot_words
from exomonitor.session.parts.alarm_limits import OnCallTold
from exomonitor.session.phases import DeliverySource, Fluid, Phase
from exomonitor.session.state import SessionState

T0 = ManualClock().now()
PAST = datetime(2020, 1, 1, tzinfo=UTC)

instants = st.builds(
    Instant,
    st.integers(0, 10**12).map(lambda ms: PAST + timedelta(milliseconds=ms)),
    st.integers(0, 2**62),
    st.text(max_size=8),
)
decimals = st.decimals(-(10**9), 10**9, allow_nan=False, places=4)
floats = st.floats(-1e12, 1e12)
EXAMPLES = settings(max_examples=25)  # of each of some thirty events


def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a declared type."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return st.none() | values_of(next(arm for arm in args if arm is not type(None)))
    if origin is tuple:
        return st.lists(values_of(args[0]), max_size=3).map(tuple)
    if origin is not None and issubclass(origin, Mapping):
        return st.dictionaries(st.text(max_size=5), values_of(args[1]), max_size=3)
    simple: dict[Any, st.SearchStrategy[Any]] = {
        Instant: instants,
        Decimal: decimals,
        float: floats,
        int: st.integers(-(2**53), 2**53),
        bool: st.booleans(),
        str: st.text(max_size=12),
    }
    if hint in simple:
        return simple[hint]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    assert isinstance(hint, type)
    assert is_dataclass(hint)
    hints = get_type_hints(hint)
    return st.builds(hint, **{f.name: values_of(hints[f.name]) for f in fields(hint)})


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_every_event_survives_its_plain_form_and_json(name: str):
    @EXAMPLES
    @given(values_of(EVENTS[name]))
    def survives(event: Event) -> None:
        body = json.loads(canonical_json(event_body(event)))
        assert event_from(name, body) == event

    survives()


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_only_texts_are_private(name: str):
    kind: type = EVENTS[name]
    hints = get_type_hints(kind)
    assert {hints[field] for field in private_fields(kind)} <= {str}


def test_names_birth_dates_and_free_texts_are_private():
    assert set(private_fields(ev.PatientIdentified)) == {
        "name", "born", "mrn", "allergies", "reason", "same_day_reason",
    }  # fmt: skip
    order = {"prescriber", "premedication", "hydration", "indication", "special_limits", "override_reason", "reason"}
    assert set(private_fields(ev.OrderEntered)) == order
    assert "name" in private_fields(ev.SessionSigned)
    assert "name" in private_fields(mv.StaffNamed)
    kinds: list[type] = list(EVENTS.values())
    for kind in kinds:
        assert {"text", "reason"} & {f.name for f in fields(kind)} <= set(private_fields(kind)) | (
            {"text"} if kind in (mv.AlarmChanged, OnCallTold) else set()  # what an alarm says, in the program's words
        )


@pytest.mark.parametrize(
    ("hint", "plain"), [(int, "7"), (int, 7.5), (str, 7), (bool, "yes"), (Phase, "lunch"), (Instant, {"utc": "2026"})]
)
def test_what_is_not_of_the_declared_type_is_refused(hint: Any, plain: Any):
    with pytest.raises((TypeError, ValueError, KeyError)):
        from_plain(hint, plain)


def test_unknown_and_missing_fields_are_refused():
    with pytest.raises(KeyError, match="colour"):
        event_from("NoteAdded", {"text": "x", "colour": "red"})
    with pytest.raises(KeyError, match="lacks chair"):
        event_from("PatientConfirmed", {})
    with pytest.raises(KeyError):
        event_from("SomethingNew", {})
    with pytest.raises(TypeError):
        to_plain(object())


def test_fields_that_came_later_take_their_defaults():
    assert event_from("NoteAdded", {}) == ev.NoteAdded()


# --- the fold


class Journal:
    """Entries of one session, a second apart."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.entries: list[Entry] = []
        self.say(ev.SessionOpened("EXO-1", "4", True, "P", "1.0", "ab", "x"))

    def say(self, event: Event, by: str = "u-1") -> Entry:
        seq = len(self.entries) + 1
        at = self.clock.advance(1)
        entry = Entry(seq, "s-1", seq, at, "UTC", by, "station", event, f"hash {seq}")
        self.entries.append(entry)
        return entry

    @property
    def state(self) -> SessionState:
        state = fold(self.entries)
        assert state is not None
        return state

    def started(self) -> Journal:
        self.say(ev.SessionStarted(self.clock.now(), DeliverySource.TYPED))
        self.say(ev.DeliveryChanged(self.clock.now(), Fluid.PRODUCT, 100.0, DeliverySource.TYPED, "infusing"))
        return self

    def set(self, slot: str, hr: int, by: str = "u-1", **more: Any) -> Entry:
        values = {"hr": ev.ObservedValue(Decimal(hr), "/min", "typed")}
        return self.say(ev.ObservationRecorded(slot, self.clock.now(), values, **more), by)


@pytest.fixture
def journal() -> Journal:
    return Journal()


def test_nothing_folds_to_nothing():
    assert fold([]) is None
    entry = Journal().say(ev.NoteAdded("lost"))
    assert apply(None, entry) is None


def test_a_corrected_set_keeps_who_and_when_of_the_first(journal: Journal):
    first = journal.started().set("+5", 72, "u-1")
    journal.set("+5", 78, "u-2", supersedes=first.seq, reason="misread")
    last = journal.set("+5", 79, "u-3", supersedes=first.seq + 1, reason="misread again")
    done = journal.state.observations["+5"]
    assert (done.recorded, done.by, done.amended, done.seq) == (first.at, "u-1", 2, last.seq)
    assert done.event.values["hr"].value == 79
    assert journal.state.amendments == 2
    assert len(journal.entries) == 6  # nothing went away


def test_a_set_that_is_done_after_all_is_no_longer_missed(journal: Journal):
    journal.started().say(ev.ObservationMissed("+5", "asleep"))
    assert dict(journal.state.missed) == {"+5": "asleep"}
    journal.set("+5", 72)
    assert not journal.state.missed


def test_the_last_details_of_a_reaction_hold_and_the_earlier_stay_in_the_journal(journal: Journal):
    now = journal.started().clock.now()
    journal.say(ev.ReactionOpened("R1", now, now.plus(-600), 1.0, 100.0, 1.0, "infusing", {}), "u-7")
    journal.say(ev.ReactionAction("R1", "stop", journal.clock.now()), "u-8")
    first = journal.say(ev.ReactionDetailed("R1", ("flushing",), "Urticaria", 1, "5.0", resolved=journal.clock.now()))
    journal.say(
        ev.ReactionDetailed(
            "R1", ("flushing",), "Urticaria", 2, "5.0", resolved=now, supersedes=first.seq, reason="graded"
        )
    )
    (reaction,) = journal.state.reactions
    assert reaction.details is not None
    assert (reaction.details.grade, reaction.by, reaction.actions[0].by) == (2, "u-7", "u-8")
    assert not reaction.is_open
    assert sum(isinstance(e.event, ev.ReactionDetailed) for e in journal.entries) == 2


def test_details_of_a_reaction_that_nobody_opened_change_nothing(journal: Journal):
    before = journal.started().state
    journal.say(ev.ReactionDetailed("R9", ("flushing",)))
    assert journal.state.reactions == before.reactions


def test_a_corrected_note_is_no_second_note(journal: Journal):
    first = journal.say(ev.NoteAdded("a note"))
    second = journal.say(ev.NoteAdded("the note", first.seq, "wrong word"))
    assert (journal.state.notes, journal.state.note_seqs) == (1, (first.seq, second.seq))


def test_alarms_are_counted_when_they_begin_to_signal(journal: Journal):
    def alarm(before: str, after: str, priority: str = "medium") -> None:
        journal.say(mv.AlarmChanged("spo2_low", "SpO2 low", priority, before, after, T0))

    for before, after in [("pending", "active"), ("active", "active"), ("active", "acked"), ("acked", "normal")]:
        alarm(before, after)
    alarm("latched", "active", "high")
    assert dict(journal.state.alarms_raised) == {"medium": 1, "high": 1}


def test_an_end_that_no_pump_reported_closes_the_delivery(journal: Journal):
    journal.started().say(ev.ProductEnded(journal.clock.now(), "stopped", 20.0, DeliverySource.TYPED, "reaction"))
    assert journal.state.delivery is not None
    assert not journal.state.delivery.runs


def test_a_batch_dated_before_the_newest_entry_does_not_turn_time_back(journal: Journal):
    last = journal.say(ev.NoteAdded("now"))
    seq = len(journal.entries) + 1
    batch = Entry(seq, "s-1", seq, T0, "UTC", "station", "s", mv.ReadingsStored(1, 40, "c"), "h")
    state = apply(journal.state, batch)
    assert state is not None
    assert (state.last_at, state.readings, state.head) == (last.at, 40, "h")


@given(st.lists(st.sampled_from(["set", "note", "alarm", "gap", "rate", "missed"]), max_size=12), st.integers(0, 12))
def test_folding_in_two_parts_is_folding_at_once(kinds: list[str], cut: int):
    journal = Journal().started()
    for number, kind in enumerate(kinds):
        now = journal.clock.now()
        match kind:
            case "set":
                journal.set(f"extra{number % 2}", 60 + number)
            case "note":
                journal.say(ev.NoteAdded(f"note {number}"))
            case "alarm":
                journal.say(mv.AlarmChanged("k", "t", "low", "pending", "active", now))
            case "gap":
                journal.say(mv.GapClosed("monitor", now, now.plus(20), 20.0))
            case "rate":
                journal.say(ev.DeliveryChanged(now, Fluid.PRODUCT, float(number), DeliverySource.TYPED, "infusing"))
            case "missed":
                journal.say(ev.ObservationMissed("+5", "asleep"))
    state = fold(journal.entries[:cut])
    for entry in journal.entries[cut:]:
        state = apply(state, entry)
    assert state == journal.state


# --- words


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_every_event_can_be_told_in_one_line(name: str):
    @EXAMPLES
    @given(values_of(EVENTS[name]))
    def told(event: Event) -> None:
        assert len(sentence(event).splitlines()) <= 1

    told()


def test_words_say_what_was_typed_and_what_was_lost():
    typed = ev.DeliveryChanged(T0, Fluid.PRODUCT, 100.0, DeliverySource.TYPED, "infusing")
    assert sentence(typed) == "Typed: pump infusing at 100.0 mL/h"
    assert sentence(mv.RowsLost(120, 4)) == "Not kept while the record could not be saved: 120 values and 4 s of waves"
    assert (slot_words("baseline"), slot_words("post30"), slot_words("+5")) == ("Baseline", "End +30", "+5")
