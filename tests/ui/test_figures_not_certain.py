"""Where entries of a session are lost its figures say so on the screen: live, at the signature, in the history."""

from __future__ import annotations

from dataclasses import replace

from exomonitor.alarms.limits import Priority
from exomonitor.engine.snapshot import Snapshot
from exomonitor.engine.stored import Damage, SessionRow
from tests.ui.fake_bedside import FakeBedside
from tests.ui.made_journal import SESSION, journal
from tests.ui.scenes import alarm, normal, observing
from ui.pages.history_view import figures, load_review, row_words
from ui.presenters.pump import pump_card
from ui.presenters.signoff import sign_off


def without_some(snapshot: Snapshot) -> Snapshot:
    assert snapshot.session is not None
    return replace(snapshot, session=replace(snapshot.session, lost=2))


def test_the_live_page_says_it_where_it_says_how_much_is_in():
    assert any(label == "Infused" for label, _ in pump_card(normal()).rows)
    unsure = [label for label, _ in pump_card(without_some(normal())).rows]
    assert unsure[:2] == ["Infused, unsure", "Dose, estimated, unsure"]
    assert "Dose, estimated" in dict(pump_card(normal()).rows)


def test_whoever_signs_reads_it_at_each_figure():
    rows = dict(sign_off(without_some(observing())).rows)
    assert rows["Product given"].endswith(", not certain")
    assert rows["Dose, estimated"].endswith(" billion, not certain")
    assert rows["Line · bag · unexplained"].endswith(", not certain")
    assert rows["Infusing · paused · elapsed"].endswith(", not certain")
    assert rows["Observation sets"].startswith("at least 4 done · at least 0 late · ")
    assert "missed or lost" in rows["Observation sets"]
    assert rows["Observation sets"].endswith(" open or lost")
    assert rows["Alarms"] == "none that can be read"
    assert rows["Notes · corrections"] == "none that can be read · none that can be read"
    assert rows["Gaps in the data"] == "none that can be read"
    whole = dict(sign_off(observing()).rows)
    assert not any("not certain" in words or "lost" in words or "least" in words for words in whole.values())


def test_alarms_and_notes_that_can_be_read_are_the_least_there_were():
    base = without_some(observing())
    assert base.session is not None
    session = replace(base.session, alarms_raised={"low": 6}, notes=2, amendments=0)
    rows = dict(sign_off(replace(base, session=session, alarms=())).rows)
    assert rows["Alarms"] == "at least 6 low"
    assert rows["Notes · corrections"] == "at least 2 · none that can be read"
    standing = alarm("set:+45", "Set +45 is overdue", Priority.MEDIUM)
    rows = dict(sign_off(replace(base, session=session, alarms=(standing,))).rows)
    assert rows["Alarms"] == "at least 6 low when they began · still on: 1 medium"


def test_the_history_says_it_in_the_list_and_in_the_figures():
    archive = FakeBedside(normal()).archive
    archive.by_session[SESSION] = [entry for entry in journal() if entry.seq != 7]
    archive.damage = Damage((7,), 1)
    shown = dict(figures(load_review(archive, SESSION)))
    assert shown["Given"].endswith(", not certain")
    assert shown["Infusing / paused"].endswith(", not certain")
    assert shown["Sets"].endswith("missed ones not known")
    row = SessionRow("s-1", "EX-1", "", "2026-03-02T09:00:00.000Z", "signed", False, "5", 60.0, 0, damaged=True, lost=1)
    assert row_words(row, names=False)[-2:] == ("60.0 mL\nnot certain", "not known")


def test_lost_readings_leave_the_figures_as_they_are():
    archive = FakeBedside(normal()).archive
    archive.by_session[SESSION] = list(journal())
    archive.damage = Damage(readings=4)
    assert not any("not certain" in words for _, words in figures(load_review(archive, SESSION)))
