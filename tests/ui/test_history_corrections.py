"""The history of a corrected session: the latest with its mark, every version on request, and the correcting itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from exomonitor.engine.stored import SessionRow
from exomonitor.session import events as ev
from exomonitor.session.entry import Entry, Event
from exomonitor.session.fold import fold
from exomonitor.session.parts.corrections import AddAddendum, AddendumAdded, EntryVoided, VoidEntry
from exomonitor.session.parts.handover import ReviewSession, SessionReviewed
from exomonitor.session.parts.trust import ViewRecord
from tests.ui import scenes
from tests.ui.fake_bedside import FakeBedside
from tests.ui.made_sessions import at
from ui.bridge import Bridge
from ui.pages.history import HistoryPage
from ui.pages.history_view import figures
from ui.presenters.versions import SUPERSEDED, log_html, log_view, voidable
from ui.theme import DARK

SESSION = "s1"
PEOPLE = {"u1": ("R. Okafor", "nurse"), "u2": ("V. DEMO-EXAMPLE", "verifier")}
CHAIR = scenes.empty_chair().chair


def observed(minute: float, hr: int, supersedes: int | None = None) -> ev.ObservationRecorded:
    values = {"hr": ev.ObservedValue(Decimal(hr), "/min", "typed")}
    reason = "typed wrong" if supersedes else ""
    return ev.ObservationRecorded("+5", at(minute), values, "alert", supersedes=supersedes, reason=reason)


def entries(*more: Event, signed: bool = False) -> list[Entry]:
    """Opened (1), a set (2) corrected twice (3, 4), a note (5), then whatever is given."""
    told = [
        (0.0, ev.SessionOpened("EXO-K3T9AB", CHAIR, True, "Exosome IV slow", "1.0", "ab" * 32, "0.1.0")),
        (5.0, observed(5, 72)),
        (6.0, observed(5, 27, 2)),
        (7.0, observed(5, 73, 3)),
        (8.0, ev.NoteAdded("blanket <b>& tea")),
    ]
    if signed:
        told.append((9.0, ev.SessionSigned("performed", "cd" * 32, "Complete", "R. Okafor")))
    told += [(10.0 + n, event) for n, event in enumerate(more)]
    return [
        Entry(number, SESSION, number, at(minute), "UTC", "u1", "chairside", event, f"{number:064d}")
        for number, (minute, event) in enumerate(told, start=1)
    ]


def view(journal: list[Entry], *, every: bool):
    state = fold(journal)
    assert state is not None
    return {line.seq: line for line in log_view(journal, state, PEOPLE, every=every)}


VOID = EntryVoided(5, "wrong_patient", "u2", "was meant for chair 5")


def test_the_default_view_shows_the_latest_with_its_mark():
    lines = view(entries(), every=False)
    assert set(lines) == {1, 4, 5}
    assert lines[4].mark == "amended (2)"
    assert not any(line.struck for line in lines.values())


def test_every_version_stands_struck_with_reason_who_and_when():
    lines = view(entries(VOID), every=True)
    assert set(lines) == {1, 2, 3, 4, 5, 6}
    assert [seq for seq, line in lines.items() if line.struck] == [2, 3, 5]
    assert lines[2].why == f"corrected by entry 3: typed wrong; R. Okafor, {lines[3].time}"
    assert lines[5].why == (
        f"void: wrong patient: was meant for chair 5; R. Okafor with V. DEMO-EXAMPLE, {lines[6].time}"
    )


def test_a_void_correction_brings_back_the_version_before_in_the_default_view():
    lines = view(entries(EntryVoided(4, "wrong_value", "", "was right before")), every=False)
    assert lines[3].mark == "amended (1)"
    assert 4 not in lines


def test_a_signature_that_something_was_added_to_says_so():
    journal = entries(AddendumAdded("u1", "cd" * 32, "left_out", "R. Okafor", "Patient phoned"), signed=True)
    lines = view(journal, every=False)
    assert lines[6].mark == SUPERSEDED
    assert "Addendum to the signed record by R. Okafor (was left out): Patient phoned" in lines[7].text
    assert view(entries(signed=True), every=False)[6].mark == ""


def test_rich_text_takes_nothing_for_markup_and_strikes_what_is_void():
    journal = entries(VOID)
    html = log_html(tuple(view(journal, every=True).values()), numbers=True)
    assert "<s>Note: blanket &lt;b&gt;&amp; tea</s>" in html
    assert "#5" in html
    assert "#5" not in log_html(tuple(view(journal, every=False).values()), numbers=False)


def test_only_what_still_counts_can_be_voided_newest_first():
    journal = entries()
    state = fold(journal)
    assert state is not None
    assert [line.seq for line in voidable(journal, state, PEOPLE)] == [5, 4]


# --- the page --------------------------------------------------------------------------------------------------------


@dataclass
class Room:
    """A history page on which the session is chosen."""

    page: HistoryPage
    bedside: FakeBedside

    def reread(self, qtbot, journal: list[Entry]) -> None:
        self.bedside.archive.by_session[SESSION] = journal
        self.page.reread()

        def shown() -> bool:
            """This journal, and not one that was still on its way when it was put there."""
            review = self.page._review
            return review is not None and list(review.entries) == journal

        qtbot.waitUntil(shown)


def sent(room):
    """What was asked for, but for the looks at the record."""
    return [c for c in room.bedside.submitted if not isinstance(c, ViewRecord)]


@pytest.fixture
def room(qtbot) -> Iterator[Room]:
    bedside = FakeBedside(scenes.empty_chair())
    bedside.archive.people = dict(PEOPLE)
    bedside.archive.rows = [
        SessionRow(SESSION, "EXO-K3T9AB", "", "2026-03-02T13:40:00.000Z", "infuse", True, "", None, 0)
    ]
    bedside.archive.by_session[SESSION] = entries()
    bridge = Bridge(bedside)
    page = HistoryPage(bedside, bridge, DARK)
    qtbot.addWidget(page)
    page.resize(1296, 660)
    page.show()
    page.show_snapshot(replace(scenes.empty_chair(), staff_id="u1"))
    qtbot.waitUntil(lambda: page.model.rowCount() == 1)
    page.table.selectRow(0)
    qtbot.waitUntil(lambda: page._review is not None)
    page.part.key("correct").click()
    yield Room(page, bedside)
    bridge.close()


def fill(room: Room, why: str, reason: str, seq: str = "5") -> None:
    panel = room.page.correct
    if seq:
        panel.entries.key(seq).click()
    panel.why.key(why).click()
    panel.reason.set_text(reason)
    panel._sync()


def test_one_key_shows_every_version(qtbot, room):
    room.page.part.key("log").click()
    assert "27" not in room.page.log.toPlainText()
    room.page.every.click()
    assert "27" in room.page.log.toPlainText()
    assert "corrected by entry 4" in room.page.log.toPlainText()
    assert "<s>" in room.page.log.toHtml() or "line-through" in room.page.log.toHtml()


def test_an_entry_is_voided_with_a_coded_reason_and_one_in_words(qtbot, room):
    panel = room.page.correct
    fill(room, "duplicate", "twice")
    assert panel.send_key.isEnabled()
    panel.send_key.click()
    qtbot.waitUntil(lambda: bool(sent(room)))
    assert sent(room) == [VoidEntry(CHAIR, "u1", 5, "duplicate", "twice")]
    qtbot.waitUntil(lambda: panel.said.text().startswith("Recorded"))
    assert panel.reason.text() == ""


@pytest.mark.parametrize(("why", "reason", "seq"), [("duplicate", "hm", "5"), ("duplicate", "twice", "")])
def test_without_a_choice_and_a_reason_nothing_is_sent(room, why, reason, seq):
    fill(room, why, reason, seq)
    assert not room.page.correct.send_key.isEnabled()


def test_a_wrong_patient_is_signed_by_a_second_person_first(qtbot, room):
    panel = room.page.correct
    fill(room, "wrong_patient", "meant for chair 5")
    panel.send_key.click()
    assert sent(room) == []
    proof = panel._stack.currentWidget()
    assert proof.but == "u1"
    proof.proven.emit("token-2", "V. DEMO-EXAMPLE")
    qtbot.waitUntil(lambda: bool(sent(room)))
    assert sent(room) == [VoidEntry(CHAIR, "u1", 5, "wrong_patient", "meant for chair 5", "token-2")]


def test_a_refusal_is_said_and_what_was_typed_stays(qtbot, room):
    room.bedside.refusal = "Entry 5 is void already"
    fill(room, "other", "for a reason")
    room.page.correct.send_key.click()
    qtbot.waitUntil(lambda: room.page.correct.said.text() == "Not recorded: Entry 5 is void already")
    assert room.page.correct.reason.text() == "for a reason"


def test_a_signed_session_takes_an_addendum_with_a_signature(qtbot, room):
    room.reread(qtbot, entries(signed=True))
    panel = room.page.correct
    assert not panel.entries.isVisible()
    fill(room, "left_out", "Patient phoned: well", seq="")
    panel.send_key.click()
    panel._stack.currentWidget().proven.emit("token-3", "R. Okafor")
    qtbot.waitUntil(lambda: bool(sent(room)))
    assert sent(room) == [AddAddendum(CHAIR, "u1", SESSION, "left_out", "Patient phoned: well", "token-3")]


def test_a_prescriber_reviews_a_signed_session(qtbot, room):
    assert room.page.correct.review_key.isHidden()
    room.reread(qtbot, entries(signed=True))
    panel = room.page.correct
    panel.reason.set_text("read on the ward round")
    panel.review_key.click()
    prove = panel._stack.currentWidget()
    assert prove.roles == ("prescriber",)
    prove.proven.emit("token-9", "Dr DEMO-LINDQVIST")
    qtbot.wait(5)
    (sent,) = [c for c in room.bedside.submitted if isinstance(c, ReviewSession)]
    assert (sent.session, sent.proof, sent.text) == (SESSION, "token-9", "read on the ward round")
    reviewed = SessionReviewed("u9", "prescriber", "", (), "Dr DEMO-LINDQVIST", "")
    room.reread(qtbot, entries(reviewed, signed=True))
    assert dict(figures(room.page._review))["Review"].startswith("Dr DEMO-LINDQVIST, ")


def test_a_session_of_another_chair_or_one_that_was_given_up_is_not_corrected_here(qtbot, room):
    journal = entries()
    opened = journal[0].event
    assert isinstance(opened, ev.SessionOpened)
    elsewhere = replace(journal[0], event=replace(opened, chair="9"))
    room.reread(qtbot, [elsewhere, *journal[1:]])
    assert "another chair" in room.page.correct.what.text()
    assert not room.page.correct.send_key.isVisible()
    room.reread(qtbot, [*journal, replace(journal[-1], seq=6, event=ev.SessionAbandoned("wrong_chair"))])
    assert "was not started" in room.page.correct.what.text()


def test_many_entries_are_turned_over_three_at_a_time(qtbot, room):
    room.reread(qtbot, entries(*(ev.NoteAdded(f"note {n}") for n in range(4))))
    panel = room.page.correct
    assert not panel.newer.isEnabled()
    panel.older.click()
    assert panel.entries.key("5") is not None
    assert panel.newer.isEnabled()
    assert not panel.older.isEnabled()


def test_the_figures_count_what_was_corrected(qtbot, room):
    room.reread(qtbot, entries(VOID))
    words = {name.text(): text.text() for name, text in room.page._figures}
    assert words["Corrections"] == "2 amended · 1 void"
