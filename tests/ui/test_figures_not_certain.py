"""Where entries of a session are lost its figures say so on the screen: live, at the signature, in the history."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from exomonitor.alarms.limits import Priority
from exomonitor.clinical.observations import SlotStatus
from exomonitor.engine.snapshot import Snapshot
from exomonitor.engine.stored import Damage, SessionRow
from tests.ui.fake_bedside import FakeBedside
from tests.ui.made_journal import SESSION, journal
from tests.ui.scenes import alarm, emergency, no_data, normal, observing, preparing
from ui.frame.stages import StageStrip
from ui.pages.history_view import figures, load_review, row_words
from ui.pages.session.pump_card import PumpCard
from ui.presenters.emergency_record import emergency_remarks, emergency_rows
from ui.presenters.next_step import next_step
from ui.presenters.pump import pump_card
from ui.presenters.signoff import sign_off
from ui.presenters.stages import Mark, stages
from ui.presenters.timer import timer
from ui.theme import DARK, apply
from ui.widgets.text import BOLD, REGULAR, SEMIBOLD


def without_some(snapshot: Snapshot) -> Snapshot:
    assert snapshot.session is not None
    return replace(snapshot, session=replace(snapshot.session, lost=2))


def test_the_live_page_says_it_where_it_says_how_much_is_in():
    assert any(label == "Infused" for label, _ in pump_card(normal()).rows)
    unsure = [label for label, _ in pump_card(without_some(normal())).rows]
    assert unsure[:2] == ["Infused, unsure", "Dose, est., unsure"]
    assert "Dose, estimated" in dict(pump_card(normal()).rows)
    assert pump_card(no_data()).rows[0][0] == "Infused, estimated"
    assert pump_card(without_some(no_data())).rows[0][0] == "Infused, est., unsure"
    base = normal()
    assert base.progress is not None
    filling = replace(base, progress=replace(base.progress, dose_given_billion=Decimal(0)))
    assert pump_card(filling).rows[1][0] == "Dose, line filling"
    assert pump_card(without_some(filling)).rows[1][0] == "Dose, filling, unsure"


def test_on_the_pumps_card_nothing_of_such_a_name_is_cut(qtbot):
    theme, app = DARK.scaled_for(1366, 768), QApplication.instance()
    assert isinstance(app, QApplication)
    apply(app, theme)
    card = PumpCard(theme)
    qtbot.addWidget(card)
    base = no_data()
    assert base.progress is not None
    filling = replace(base, progress=replace(base.progress, dose_given_billion=Decimal(0)))
    for shown in (base, filling):
        card.show_view(pump_card(without_some(shown)), 0)
        card.resize(theme.px(288), card.sizeHint().height())
        card.show()
        for name, _ in card.rows[:2]:
            smallest = QFontMetrics(theme.font(12, REGULAR))
            assert smallest.horizontalAdvance(name.text()) <= name.width(), name.text()


def test_whoever_signs_reads_it_at_each_figure():
    rows = dict(sign_off(without_some(observing())).rows)
    assert rows["Product given"].endswith(", not certain")
    assert rows["Dose, estimated"].endswith(" billion, not certain")
    assert rows["Line · bag · unexplained"].endswith(", not certain")
    assert rows["Infusing · paused · elapsed"].endswith(", not certain")
    assert rows["Observation sets"].startswith("at least: 4 done, 0 late · ")
    assert "missed or lost" in rows["Observation sets"]
    assert rows["Observation sets"].endswith(" open or lost")
    assert rows["Alarms"] == "none that can be read"
    assert rows["Notes · corrections"] == "none that can be read · none that can be read"
    assert rows["Gaps in the data"] == "none that can be read"
    whole = dict(sign_off(observing()).rows)
    assert not any("not certain" in words or "lost" in words or "least" in words for words in whole.values())


def test_a_start_an_end_and_a_flush_that_are_not_there_may_be_lost_and_those_that_are_stand_as_recorded():
    labels = ("Started", "Product ended", "Flush")
    sure, unsure = (dict(sign_off(one).rows) for one in (observing(), without_some(observing())))
    assert [unsure[label] for label in labels] == [sure[label] for label in labels]
    base = observing()
    assert base.session is not None
    without = replace(base, session=replace(base.session, started=None, product_end=None, flush=None))
    assert [dict(sign_off(without).rows)[label] for label in labels] == ["--", "--", "--"]
    told = dict(sign_off(without_some(without)).rows)
    assert [told[label] for label in labels] == ["not recorded or lost"] * 3


def test_whoever_signs_reads_how_many_entries_are_lost():
    assert sign_off(without_some(observing())).remarks[0] == "2 entries of this record are lost"
    assert "lost" not in str(sign_off(observing()).remarks)
    one, begun = emergency(), without_some(preparing())
    assert one.session is not None
    opened = replace(one.session, kind="emergency", lost=1)
    assert sign_off(replace(one, session=opened)).remarks[0] == "1 entry of this record is lost"
    assert sign_off(begun).obstacles[0] == "The infusion has not started, or its entry is lost"
    assert sign_off(preparing()).obstacles[0] == "The infusion has not started"


def test_what_will_stand_in_the_signed_record_as_it_is_may_be_lost():
    whole, lost = sign_off(observing()), sign_off(without_some(observing()))
    assert any(words.startswith("Sets not done, signed as missed: ") for words in whole.remarks)
    assert any(words.startswith("Sets without an entry, signed as missed or lost: ") for words in lost.remarks)
    ends = ("IV removal is not recorded{} (F9)", "How the patient left is not recorded{} (F9)")
    for words in (*ends, "The next dose is not decided{} (F9)"):
        assert words.format("") in whole.remarks
        assert words.format(" or lost") in lost.remarks
    assert not any("lost" in words for words in whole.remarks)
    one = emergency()
    assert one.session is not None
    assert "Whose emergency it was is not recorded" in emergency_remarks(one.session)
    assert "Whose emergency it was is not recorded or lost" in emergency_remarks(replace(one.session, lost=1))


def test_what_has_to_be_said_before_a_signature_may_have_been_said_and_lost():
    base = observing()
    assert base.session is not None
    ended = replace(base, session=replace(base.session, product_end=None))
    flushed = replace(base, session=replace(base.session, flush=None))
    assert sign_off(ended).obstacles == ("The end of the product is not recorded (F9)",)
    assert sign_off(without_some(ended)).obstacles == ("The end of the product is not recorded or lost (F9)",)
    assert sign_off(flushed).obstacles == ("The flush is not recorded, or that none is done (F9)",)
    lost = "The flush, or that none is done, is not recorded or lost (F9)"
    assert sign_off(without_some(flushed)).obstacles == (lost,)


def test_the_sets_of_the_next_card_are_the_least_there_were_and_those_without_an_entry_may_be_lost():
    base = observing()
    assert base.session is not None
    slots = (replace(base.slots[0], status=SlotStatus.MISSED), *base.slots[1:])
    some = replace(base, slots=slots)
    whole, lost = next_step(some).below, next_step(without_some(some)).below
    assert whole.endswith(" sets done · 1 missed")
    assert lost == f"at least {whole} or lost"


def sets_in_the_strip(snapshot: Snapshot) -> str:
    return next(view.done for view in stages(snapshot) if view.mark is Mark.NOW)


def test_in_the_strip_of_stages_too_the_sets_are_the_least_there_were():
    late = (replace(normal().slots[0], status=SlotStatus.OVERDUE), *normal().slots[1:])
    for base in (normal(), observing(), replace(normal(), slots=late)):
        assert sets_in_the_strip(base).split()[0].isdigit()
        number = sets_in_the_strip(base).split()[0]
        assert sets_in_the_strip(without_some(base)) == f"at least {number} sets"
    one = replace(normal(), slots=normal().slots[:1])
    assert sets_in_the_strip(without_some(one)) == "at least 1 set"
    none = replace(normal(), slots=late[:1])
    assert (sets_in_the_strip(none), sets_in_the_strip(without_some(none))) == ("0 of 1 sets", "sets not known")
    assert sets_in_the_strip(without_some(replace(normal(), slots=()))) == "", "none was due yet"
    assert "at least 4 sets" in next(v.spoken() for v in stages(without_some(normal())) if v.mark is Mark.NOW)


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
def test_in_the_strip_nothing_of_them_is_cut(qtbot, size):
    theme, app = DARK.scaled_for(*size), QApplication.instance()
    assert isinstance(app, QApplication)
    apply(app, theme)
    strip = StageStrip(theme)
    qtbot.addWidget(strip)
    many = tuple(replace(observing().slots[0], status=SlotStatus.DONE) for _ in range(24))
    for base in (normal(), replace(observing(), slots=many), replace(observing(), slots=())):
        snapshot = without_some(base)
        strip.show_snapshot(snapshot)
        strip.show()
        app.processEvents()
        [view] = [one for one in stages(snapshot) if one.mark is Mark.NOW]
        head = QFontMetrics(theme.font(15, BOLD)).horizontalAdvance(f"{view.number} {view.word}")
        told = QFontMetrics(theme.font(14, SEMIBOLD, tabular=True)).horizontalAdvance(view.done)
        room = strip.cells[view.key].width() - theme.px(16)
        assert head + theme.px(10) + told <= room, view.done


def test_the_clock_of_the_infusion_is_unsure_where_a_stop_or_a_start_may_be_lost():
    assert timer(without_some(normal()), 30, 60).mark == "times unsure"
    assert timer(without_some(observing()), 30, 60).mark == "times unsure"
    assert timer(normal(), 30, 60).mark == timer(preparing(), 30, 60).mark == ""
    assert timer(preparing(), 30, 60).caption == "not started"
    assert timer(without_some(preparing()), 30, 60).caption == "not started or lost"


def test_alarms_and_notes_that_can_be_read_are_the_least_there_were():
    base = without_some(observing())
    assert base.session is not None
    session = replace(base.session, alarms_raised={"low": 6}, notes=2, amendments=0)
    rows = dict(sign_off(replace(base, session=session, alarms=())).rows)
    assert rows["Alarms"] == "at least: 6 low"
    assert rows["Notes · corrections"] == "at least 2 · none that can be read"
    standing = alarm("set:+45", "Set +45 is overdue", Priority.MEDIUM)
    both = replace(base, session=replace(session, alarms_raised={"high": 1, "low": 6}), alarms=())
    assert dict(sign_off(both).rows)["Alarms"] == "at least: 1 high · 6 low", "of each kind the least"
    rows = dict(sign_off(replace(base, session=session, alarms=(standing,))).rows)
    assert rows["Alarms"] == "at least: 6 low when they began · still on: 1 medium"


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


def test_what_is_not_there_in_the_history_may_be_lost():
    archive = FakeBedside(normal()).archive
    archive.by_session[SESSION] = [entry for entry in journal() if entry.seq not in {3, 4, 6}]
    archive.damage = Damage((3, 4, 6), 3)
    shown = dict(figures(load_review(archive, SESSION)))
    assert shown["Product"] == shown["Ordered"] == "not recorded or lost"
    assert shown["Started"] == "not started or lost"
    assert shown["Corrections"] == "none that can be read"
    assert shown["Review"] == "not asked for or lost"
    assert shown["Gaps"] == "at least: monitor 24 s"
    archive.by_session[SESSION] = list(journal())
    archive.damage = Damage()
    whole = dict(figures(load_review(archive, SESSION)))
    assert not any("lost" in words or "at least" in words or "can be read" in words for words in whole.values())


def test_an_emergency_record_says_it_at_each_figure():
    whole = emergency().session
    assert whole is not None
    rows, sure = dict(emergency_rows(replace(whole, lost=2))), dict(emergency_rows(whole))
    assert rows == {
        "Began": f"{sure['Began']}, not certain",
        "Whose emergency": "not recorded or lost",
        "Reaction": f"at least: {sure['Reaction'].replace('not graded', 'not graded or lost')} or lost",
        "Steps": "at least 6 recorded",
        "Vital signs": f"at least {sure['Vital signs']}",
        "Drugs": f"at least: {sure['Drugs']}",
        "Entries without a name": "at least 7",
    }
    assert (sure["Steps"], sure["Entries without a name"]) == ("6 recorded", "7")
    assert not any("lost" in words or "at least" in words for words in sure.values())
    nothing = replace(whole, reactions=(), observations={}, emergency=type(whole.emergency)(), lost=1)
    empty = dict(emergency_rows(nothing))
    assert empty["Steps"] == empty["Drugs"] == empty["Entries without a name"] == "none that can be read"
    assert empty["Reaction"] == empty["Vital signs"] == "not recorded or lost"


def test_lost_readings_leave_the_figures_as_they_are():
    archive = FakeBedside(normal()).archive
    archive.by_session[SESSION] = list(journal())
    archive.damage = Damage(readings=4)
    assert not any("not certain" in words for _, words in figures(load_review(archive, SESSION)))
