"""The report as it is printed: what stands on which page, and that nothing falls off it."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from decimal import Decimal

from pypdf import PdfReader

from exomonitor.exports.report import report_pdf
from exomonitor.exports.report_audit import alarm_facts, audit_counts, audit_lines, longest_unacknowledged
from exomonitor.exports.report_grid import GRID_HEADINGS, grid
from exomonitor.exports.report_series import Point, picture, worst
from exomonitor.exports.report_style import pieces
from exomonitor.exports.report_trend import MOST_POINTS, _runs, _thinned
from exomonitor.session import events as ev
from exomonitor.session import machine_events as mv
from exomonitor.session.phases import DeliverySource
from tests.exomonitor.exports.made_up_session import PRIVATE, STUDY, Script, deliver, prepare, whole_session

PROGRAM = "ExoMonitor 0.1.0"


def pages_of(material):
    reader = PdfReader(io.BytesIO(report_pdf(material)))
    return [re.sub(r"\s+", " ", page.extract_text()) for page in reader.pages], reader


def test_page_one_stands_alone(made_of, played):
    material = made_of(played)
    first, *_ = pages_of(material)[0]
    for said in (
        f"Infusion record {STUDY}",
        "SIMULATED",
        "Given",
        "Ordered: 5.0 billion",
        "ramp: 70.6 mL/h for 5.0 min, 141.2 mL/h for 40.0 min",
        "Rate actual: 70.6-141.2 mL/h",
        "Incomplete: 3 sets missed",
        "Lot, expiry: LOT-2041, 2026-09-30",
        "Monitor: ge-dri, B650, serial SN-200",
        "R1: Onset: 10:15:17, minute 10:17",
        "lowest SpO₂ 88 %",
        "grade 2 (CTCAE 5.0)",
        "Audio paused: 1 times, 02:00 min:s in all",
        "Override 1, LATE ENTRY 1, Gap 1, Missed set 1, Amendment 1",
        f"Record hash: {material.head}",
        "Signed: [text withheld]",
        "Prescriber, name and signature",
    ):
        assert said in first, said


def test_every_page_is_numbered_and_carries_both_statements(made_of, played):
    pages, _ = pages_of(made_of(played))
    for number, text in enumerate(pages, 1):
        assert f"page {number} of {len(pages)}" in text
        assert "no FDA-approved exosome products" in text
        assert "Secondary display" in text
        assert "SIMULATED" in text


def test_every_text_is_set_in_an_embedded_font(made_of, played):
    _, reader = pages_of(made_of(played))
    used = set()

    def note(text, _cm, _tm, font, _size):
        if text.strip() and font is not None:
            used.add(str(font["/BaseFont"]))

    for page in reader.pages:
        page.extract_text(visitor_text=note)
    assert {name.partition("+")[2] for name in used} == {"DejaVuSans", "DejaVuSans-Bold"}


def test_long_names_many_reactions_and_many_events_do_not_overflow(made_of):
    script = whole_session(reactions=6, name="Von-und-zu-Beispielhausen " * 12, sign=False)
    for _ in range(60):
        script.clock.advance(3)
        script.say(ev.NoteAdded("a made-up note " * 6 + "x" * 200, supersedes=4, reason="a slip of the pen"))
    script.say(ev.NoteAdded("a very long made-up note " * 500))
    pages, _ = pages_of(made_of(script, identified=True))
    assert "For the auditor" in pages[0]
    assert "Prescriber, name and signature" in pages[0]
    assert re.search(r"and \d more, on the following", pages[0])
    rest = " ".join(pages[1:])
    assert "Reaction R6" in rest
    assert rest.count("a very long made-up note") > 480


def test_a_session_that_was_only_opened_prints(made_of):
    script = Script()
    script.say(ev.SessionOpened(STUDY, "4", False, "p", "1", "ab" * 32, "x"))
    pages, _ = pages_of(made_of(script))
    assert "Incomplete: not started" in pages[0]
    assert "SIMULATED" not in pages[0]


def test_markup_in_a_text_is_printed_not_obeyed(made_of):
    script = whole_session(reactions=0)
    script.say(ev.NoteAdded("<b>bold</b> & <para> <font size=90>"))
    assert "<b>bold</b> & <para> <font size=90>" in " ".join(pages_of(made_of(script, identified=True))[0])


def test_the_grid_has_a_row_for_every_set_of_the_schedule(made_of, played):
    rows = grid(made_of(played))
    assert [row[0] for row in rows] == [
        "Baseline", "+5", "+10", "+15", "Restart +5", "Restart +10", "+30", "Restart +15", "+45", "End", "End +30",
        "End +60", "End +90", "End +120",
    ]  # fmt: skip
    assert {len(row) for row in rows} == {len(GRID_HEADINGS)}
    by_set = {row[0]: row for row in rows}
    assert by_set["+30"][-1] == "MISSED: device fault"
    assert by_set["+45"][-1] == "in time, amended (1)"
    assert by_set["+5"][3:10] == ["72", "124/79", "98 air", "15", "36.7", "A", "0"]


def test_a_set_without_all_seven_says_how_many_it_has(made_of):
    script = whole_session(reactions=0, sign=False)
    event = next(e.event for e in script.archive.told if isinstance(e.event, ev.ObservationRecorded))
    few = {name: value for name, value in event.values.items() if name in {"hr", "spo2"}}
    script.say(replace(event, slot="extra1", values=few, consciousness="alert", on_oxygen=None, news2=None))
    rows = {row[0]: row for row in grid(made_of(script))}
    assert rows["Extra set"][9] == "3 of 7, at least 0"
    assert rows["Extra set"][-1] == "extra"


def test_an_auditor_finds_who_when_and_why(made_of, played):
    lines = {line.kind: line for line in audit_lines(made_of(played, identified=True))}
    assert lines["Missed set"].who == "Nora Nightshift (u-31)"
    assert lines["Amendment"].what.endswith(PRIVATE["site_text"])
    assert lines["Gap"].what.startswith("monitor 22.0 s")
    assert lines["LATE ENTRY"].what == "set +15, 07:00 min:s after it happened"


def test_a_time_outside_the_window_is_the_first_thing_an_auditor_reads(made_of):
    short = whole_session(reactions=0, long_s=600)
    [line] = [line for line in audit_lines(made_of(short)) if line.kind == "Infusing time"]
    assert line.what == "infused 20.65 min, window 30-60 min"
    assert "Infusing time: infused 20.65 min, window 30-60 min" in pages_of(made_of(short))[0][0]
    long = whole_session(reactions=0, long_s=3600)
    assert "infused 70.65 min, window 30-60 min" in {line.what for line in audit_lines(made_of(long))}


def test_a_time_inside_the_window_or_still_running_is_nothing_out_of_the_ordinary(made_of, played):
    running = Script()
    prepare(running)
    running.say(ev.SessionStarted(running.clock.now(), DeliverySource.TYPED))
    deliver(running, 141.2, 0.0)
    running.watch(300)
    for script in (played, running):
        assert "Infusing time" not in {line.kind for line in audit_lines(made_of(script))}


def test_alarms_of_the_rate_against_the_plan_are_counted_with_the_longest_time(made_of):
    script = whole_session(reactions=0)
    for seconds in (40, 95, 60):
        since = script.clock.now()
        script.say(mv.AlarmChanged("pump.rate", "Pump rate", "medium", "pending", "active", since), "station")
        script.clock.advance(seconds / 2)
        script.say(mv.AlarmChanged("pump.rate", "Pump rate", "medium", "active", "acked", since))
        script.clock.advance(seconds / 2)
        if seconds != 60:  # the last one lasts until the record ends
            script.say(mv.AlarmChanged("pump.rate", "Pump rate", "medium", "acked", "normal", since), "station")
    script.say(ev.NoteAdded("still on"))
    lines = audit_lines(made_of(script))
    [line] = [line for line in lines if line.kind == "Rate against plan"]
    assert line.what == "3 alarms, the longest 01:35 min:s"
    assert "Rate against plan 3" in audit_counts(lines)


def test_the_report_says_in_words_how_the_patient_was_identified(made_of, played):
    assert "Identified by: name and date of birth" in pages_of(made_of(played))[0][0]


def test_page_one_has_every_reaction_in_short_and_the_next_pages_have_it_in_full(made_of, played):
    pages = pages_of(made_of(played))[0]
    assert "R2: Onset" in pages[0]
    assert "Causality: " in pages[0]  # R4: the prescriber and the cause belong to what stands alone
    assert "Rechallenge" not in pages[0]
    behind = " ".join(pages[1:])
    assert "Reaction R2, in full" in behind
    assert "Causality: not recorded" in behind


def test_a_reaction_that_page_one_cuts_short_stands_in_full_behind_it(made_of):
    script = whole_session(reactions=1)
    opened = next(e.event for e in script.archive.told if isinstance(e.event, ev.ReactionDetailed))
    script.say(replace(opened, text="made-up words " * 30))
    pages = pages_of(made_of(script, identified=True))[0]
    assert "Reaction R1" in " ".join(pages[1:])
    assert " ".join(pages[1:]).count("made-up words") >= 30


def test_a_set_that_the_end_set_covers_stands_in_the_grid_and_is_not_counted(made_of):
    script = Script()
    prepare(script)
    script.say(ev.SessionStarted(script.clock.now(), DeliverySource.TYPED))
    deliver(script, 141.2, 0.0)
    script.watch(1920, rate=141.2)
    deliver(script, 0.0, 75.3, "complete")
    script.say(ev.ProductEnded(script.clock.now(), "complete", 75.3, DeliverySource.PUMP), "station")
    script.say(ev.FlushRecorded(script.clock.now(), True, 20.0, 141.2))
    waiting = {row[0]: row[-1] for row in grid(made_of(script))}
    assert waiting["+30"] == "as the end set: due"
    script.observe("end")
    material = made_of(script)
    assert {row[0]: row[-1] for row in grid(material)}["+30"] == "covered by the end set"
    assert (material.summary.checks.done, material.summary.checks.late) == (2, 0)  # baseline and end
    assert "Observations: 2 in time, 0 late" in pages_of(material)[0][0]


def test_the_longest_unacknowledged_alarm_counts_also_when_nobody_came(made_of):
    script = whole_session(reactions=0, sign=False)
    since = script.clock.now()
    script.say(mv.AlarmChanged("hr_high", "HR 150", "high", "normal", "active", since), "station")
    script.clock.advance(95)
    script.say(ev.NoteAdded("still on"))
    material = made_of(script)
    assert longest_unacknowledged(material, "high") == 95
    assert ("Longest unacknowledged high", "01:35 min:s") in alarm_facts(material)


def test_worst_values_belong_to_the_reaction_alone(made_of, played):
    drawn = picture(made_of(played))
    first = worst(drawn, drawn.reactions[0])
    assert first["spo2"] == 88.0
    assert first["nibp_sys"] == 92.0
    assert first["hr"] > 110


def test_a_line_breaks_where_nothing_was_measured():
    points = [Point(0, 1.0), Point(5, 2.0), Point(10, None), Point(15, 3.0), Point(60, 4.0)]
    assert [[p.s for p in run] for run in _runs(points, 15.0)] == [[0, 5], [15], [60]]


def test_thinning_keeps_the_extremes():
    points = [Point(n, 80.0) for n in range(20_000)]
    points[777] = Point(777, 41.0)
    points[15_123] = Point(15_123, 150.0)
    kept = _thinned(points)
    assert len(kept) < 2.5 * MOST_POINTS
    assert {41.0, 150.0} <= {p.value for p in kept}


def test_a_pause_stands_still_in_the_plan(made_of, played):
    drawn = picture(made_of(played))
    [pause] = drawn.pauses
    assert pause.ended - pause.began == 240
    assert drawn.planned[-1].value == 141.2


def test_long_texts_are_cut_into_pieces_that_lose_nothing():
    text = "x" * 2500
    assert "".join(pieces(text)) == text
    assert pieces("") == [""]


def test_a_set_without_a_required_value_says_what_is_missing(made_of):
    script = whole_session(reactions=0, sign=False, flush=False)
    done = next(e.event for e in script.archive.told if isinstance(e.event, ev.ObservationRecorded))
    values = {name: value for name, value in done.values.items() if not name.startswith("nibp")}
    script.say(replace(done, slot="+15", values=values, consciousness="", supersedes=3, reason="made up"))
    assert next(row for row in grid(made_of(script)) if row[0] == "+15")[-1].endswith("amended (1); no BP, ACVPU")


def test_the_flow_of_oxygen_stands_beside_the_saturation(made_of):
    script = whole_session(reactions=0, sign=False)
    event = next(e.event for e in script.archive.told if isinstance(e.event, ev.ObservationRecorded))
    script.say(replace(event, slot="extra1", on_oxygen=True, oxygen_l_min=Decimal(2)))
    script.say(replace(event, slot="extra2", on_oxygen=True))
    cells = {row[0]: row[5] for row in grid(made_of(script))}
    assert (cells["Extra set"], cells["Extra set 2"]) == ("98 O₂ 2 L", "98 O₂")
