"""What a void takes away: the state is as if the entry had not been made, and the entry stays to be read."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from exomonitor.clock import Instant
from exomonitor.session import events as ev
from exomonitor.session import machine_events as mv
from exomonitor.session.entry import Entry
from exomonitor.session.fold import apply, fold
from exomonitor.session.late import entry_line, is_late, late_by_s
from exomonitor.session.narrative import sentence
from exomonitor.session.parts import leaving_events as leaving
from exomonitor.session.parts.checks import ChecklistRecorded
from exomonitor.session.parts.corrections import AddendumAdded, EntryVoided
from exomonitor.session.voiding import why_not_voidable

T0 = Instant(datetime(2026, 3, 2, 9, 0, tzinfo=UTC), 0, "boot")


class Journal:
    """Entries of one session, one minute apart unless told otherwise."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.say(ev.SessionOpened("EXO-1", "4", True, "P", "1.0", "ab", "x"))

    def say(self, event, actor="u-1", at=None):
        seq = len(self.entries) + 1
        when = at or T0.plus(60 * seq)
        self.entries.append(Entry(seq, "s-1", seq, when, "UTC", actor, "st", event, f"h{seq}"))
        return seq

    def state(self):
        return fold(self.entries)

    def without(self, *seqs):
        """What the state would be had these never been written."""
        return fold([entry for entry in self.entries if entry.seq not in seqs])


def observed(hr, slot="baseline", supersedes=None, at=T0):
    values = {"hr": ev.ObservedValue(Decimal(hr), "/min", "typed", at)}
    reason = "typed wrong" if supersedes else ""
    return ev.ObservationRecorded(slot, at, values, "alert", supersedes=supersedes, reason=reason)


@pytest.fixture
def journal():
    return Journal()


def hr_of(state, slot="baseline"):
    return int(state.observations[slot].event.values["hr"].value)


def test_a_voided_set_is_not_there_any_more_and_counts_for_nothing(journal):
    seq = journal.say(observed(72))
    journal.say(EntryVoided(seq, "duplicate", "", "written twice"))
    assert journal.state().observations == {}
    assert journal.state().corrections.voided[seq].words == "recorded twice: written twice"


def test_voiding_a_correction_brings_back_what_it_corrected(journal):
    first = journal.say(observed(72))
    second = journal.say(observed(27, supersedes=first))
    assert (hr_of(journal.state()), journal.state().observations["baseline"].amended) == (27, 1)
    journal.say(EntryVoided(second, "wrong_value", "", "wrong value typed"))
    assert (hr_of(journal.state()), journal.state().observations["baseline"].amended) == (72, 0)


def test_voiding_what_was_corrected_leaves_the_correction(journal):
    first = journal.say(observed(72))
    journal.say(observed(74, supersedes=first))
    journal.say(EntryVoided(first, "other", "", "for good measure"))
    assert hr_of(journal.state()) == 74


def test_a_set_that_was_missed_is_missed_again_when_its_late_record_is_void(journal):
    journal.say(ev.ObservationMissed("5", "patient_away", ""))
    seq = journal.say(observed(72, "5"))
    assert journal.state().missed == {}
    journal.say(EntryVoided(seq, "not_done", "", "was not taken"))
    assert journal.state().missed == {"5": "patient_away"}


def test_notes_and_actions_go_and_the_reaction_stays(journal):
    journal.say(ev.ReactionOpened("R1", T0, T0, 5.0, 100.0, 8.0, "infusing", {}))
    action = journal.say(ev.ReactionAction("R1", "oxygen", T0, ""))
    note = journal.say(ev.NoteAdded("a note", None, ""))
    for seq in (action, note):
        journal.say(EntryVoided(seq, "other", "", "by mistake"))
    state = journal.state()
    assert (state.notes, state.note_seqs) == (0, ())
    assert state.reactions[0].actions == ()


def test_the_state_after_a_void_is_the_state_without_the_entry(journal):
    journal.say(ev.NoteAdded("kept", None, ""))
    journal.say(mv.ReadingsStored(1, 40, "a" * 64), actor="station")
    gone = journal.say(observed(72))
    journal.say(mv.WavesStored(1, 9, "a" * 64), actor="station")
    journal.say(observed(90, "5"))
    journal.say(EntryVoided(gone, "wrong_patient", "u-2", "was meant for chair 5"))
    voided, never = journal.state(), journal.without(gone)
    assert voided.corrections.voided[gone].second == "u-2"
    assert replace(voided, corrections=never.corrections) == replace(
        never, head=voided.head, last_seq=voided.last_seq, last_at=voided.last_at
    )
    assert (voided.readings, voided.wave_seconds) == (40, 9)


def test_several_voids_do_not_bring_each_other_back(journal):
    seqs = [journal.say(observed(70 + n, slot)) for n, slot in enumerate(("baseline", "5", "10"))]
    for seq in seqs:
        journal.say(EntryVoided(seq, "other", "", "one by one"))
    assert journal.state().observations == {}
    assert set(journal.state().corrections.voided) == set(seqs)


def test_live_entry_by_entry_and_read_back_whole_are_the_same(journal):
    seq = journal.say(observed(72))
    journal.say(EntryVoided(seq, "duplicate", "", "written twice"))
    journal.say(observed(73))
    live = None
    for entry in journal.entries:
        live = apply(live, entry)
    assert live == journal.state()
    assert hr_of(live) == 73


def test_only_what_people_noted_can_be_voided():
    assert why_not_voidable(observed(72)) == ""
    assert why_not_voidable(ev.NoteAdded("x", None, "")) == ""
    assert "entering it again" in why_not_voidable(ev.LineEntered("forearm", "left", "22G"))
    assert "A reaction is not voided" in why_not_voidable(ev.ReactionOpened("R1", T0, T0, None, None, None, "", {}))
    assert "A void is final" in why_not_voidable(EntryVoided(3, "other", "", "a reason"))
    assert why_not_voidable(mv.GapClosed("pump", T0, T0, 3.0)).startswith("Only sets, notes")


def test_an_addendum_is_kept_in_order_and_changes_nothing_else(journal):
    before = journal.state()
    journal.say(AddendumAdded("u-3", "h9", "left_out", "A. Example", "Patient phoned: well"))
    state = journal.state()
    (addendum,) = state.corrections.addenda
    assert (addendum.name, addendum.text, addendum.why) == ("A. Example", "Patient phoned: well", "left_out")
    assert state.observations == before.observations


def test_voids_and_addenda_are_told_in_one_sentence():
    void = EntryVoided(7, "wrong_patient", "u-2", "was meant for chair 5")
    assert sentence(void) == "Entry 7 is void (wrong patient, second person present): was meant for chair 5"
    added = AddendumAdded("u-3", "h", "later_event", "A. Example", "fever at home")
    assert sentence(added) == "Addendum to the signed record by A. Example (happened later): fever at home"


@pytest.mark.parametrize(("seconds", "late"), [(0, False), (300, False), (301, True)])
def test_more_than_five_minutes_is_a_late_entry(journal, seconds, late):
    journal.say(observed(72), at=T0.plus(seconds))
    entry = journal.entries[-1]
    assert late_by_s(entry) == seconds
    assert is_late(entry) is late
    assert entry_line(entry).startswith("LATE ENTRY: ") is late


def test_how_late_a_late_entry_is_says_the_clinic_and_the_session_keeps_what_held_when_it_was_opened(journal):
    journal.say(observed(72), at=T0.plus(200))
    entry = journal.entries[-1]
    assert is_late(entry, 120)
    assert entry_line(entry, after_s=120).startswith("LATE ENTRY: ")
    opened = replace(journal.entries[0], event=replace(journal.entries[0].event, late_entry_s=120.0))
    state = fold([opened])
    assert state is not None
    assert state.late_entry_s == 120


def test_a_moment_in_a_sentence_is_told_as_the_clock_on_the_wall_shows_it(journal):
    taken = {"taken_at": "2026-03-02T08:50:00.000Z"}
    journal.say(ChecklistRecorded("consent", "1.0", "c" * 64, taken))
    at_home = replace(journal.entries[-1], tz="Europe/Berlin")
    assert entry_line(at_home) == "Checklist consent: taken at 09:50"
    journal.say(ChecklistRecorded("consent", "1.0", "c" * 64, {"taken_at": "2026-03-01T23:30:00.000Z"}))
    assert entry_line(journal.entries[-1]) == "Checklist consent: taken at 2026-03-01 23:30"


def test_what_a_machine_reports_is_never_a_late_entry(journal):
    journal.say(observed(72), actor="station", at=T0.plus(3600))
    assert not is_late(journal.entries[-1])


def test_a_void_entry_is_labelled_and_silent_entries_stay_silent(journal):
    seq = journal.say(ev.NoteAdded("hello", None, ""))
    assert entry_line(journal.entries[-1], {seq}).startswith("VOID: ")
    journal.say(mv.ReadingsStored(1, 40, "a" * 64))
    assert entry_line(journal.entries[-1], {seq + 1}) == ""


@pytest.mark.parametrize(
    ("event", "instead"),
    [
        (leaving.IvRemoved(T0, leaving.WHOLE, True), "recording it again"),
        (leaving.DischargeTasksAnswered({"drank": "yes"}), "answering again"),
        (leaving.PatientLeft(T0, leaving.DISCHARGED), "add to it"),
        (leaving.NextDoseDecided(leaving.AS_NEEDED), "decide it again"),
        (leaving.FollowUpCalled("h24", T0, "reached"), "the prescriber settles"),
        (leaving.TriageSettled(7), "add to the record"),
    ],
)
def test_what_belongs_to_leaving_and_after_is_put_right_in_another_way(event, instead):
    assert instead in why_not_voidable(event)
