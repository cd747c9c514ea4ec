"""Where readings are lost or not as they were stored, the report says of no figure made of them that it is certain; and
a reading whose date is damaged moves nothing."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from pypdf import PdfReader
from reportlab.graphics.shapes import String

from exomonitor.clock import Instant
from exomonitor.engine.ports import ReadingRow
from exomonitor.engine.stored import Damage
from exomonitor.exports.material import Material
from exomonitor.exports.report import report_pdf
from exomonitor.exports.report_audit import provenance
from exomonitor.exports.report_reactions import reactions
from exomonitor.exports.report_series import picture
from exomonitor.exports.report_trend import SMALL_TREND, trend
from exomonitor.session.machine_events import WavesStored
from tests.exomonitor.exports.made_up_session import Script, whole_session


def worst_of(material: Material) -> str:
    return dict(reactions(material, picture(material))[0])["Worst"]


def a_reaction() -> Script:
    return whole_session(reactions=1, long_s=60)


def without_readings(script: Script, gone: Callable[[ReadingRow], bool]) -> Script:
    kept = [(batch, row) for batch, row in script.archive.stored if not gone(row)]
    script.archive.damage = Damage(readings=len(script.archive.stored) - len(kept))
    script.archive.stored = kept
    return script


def test_where_all_readings_are_lost_nothing_is_said_not_to_have_been_measured(made_of):
    assert worst_of(made_of(without_readings(a_reaction(), lambda _: True))) == "nothing measured or lost"


def test_the_worst_of_what_is_left_is_not_certain_and_a_sign_without_a_value_may_be_lost(made_of):
    whole = worst_of(made_of(a_reaction()))
    assert "lowest SpO₂ 88 %" in whole
    assert "not certain" not in whole
    assert "lost" not in whole
    left = worst_of(made_of(without_readings(a_reaction(), lambda row: row.name == "spo2")))
    assert left.startswith("highest HR ")
    assert left.endswith(", not certain; SpO₂ not measured or lost")


@pytest.mark.parametrize("damage", [Damage(changed=(1,)), Damage(entries=1), Damage(unproved=(1,))])
def test_the_same_where_a_batch_is_not_as_it_was_stored_or_an_entry_is_lost(made_of, damage):
    script = a_reaction()
    script.archive.damage = damage
    assert worst_of(made_of(script)).endswith(", not certain")


def test_damaged_waves_leave_the_worst_values_certain(made_of):
    script = a_reaction()
    whole = worst_of(made_of(script))
    script.say(WavesStored(900, 5, "ab" * 32), "station")
    script.archive.damage = Damage(wave_seconds=5, changed=(900,))
    assert worst_of(made_of(script)) == whole


def test_readings_that_are_left_out_for_no_entry_tells_of_them_leave_all_figures_certain(made_of):
    script = a_reaction()
    whole = worst_of(made_of(script))
    script.archive.damage = Damage(added=(900,), added_waves=(901,))
    material = made_of(script)
    assert worst_of(material) == whole
    assert material.summary.not_certain == []


def test_the_figures_say_how_many_readings_and_wave_seconds_are_lost_of_those_that_were_stored(made_of):
    script = a_reaction()
    script.archive.damage = Damage(readings=24, wave_seconds=2)
    material = made_of(script)
    plain = material.summary.plain()
    assert (plain["readings_lost"], plain["wave_seconds_lost"]) == (24, 2)
    assert (plain["not_certain"], plain["at_least"]) == (["readings", "wave_seconds"], [])
    stored = f"readings {plain['readings']}, 24 of them lost; wave seconds {plain['wave_seconds']}, 2 of them lost"
    assert stored in dict(provenance(material))["Entries"]


def test_no_figure_is_both_not_certain_and_the_least(made_of):
    script = a_reaction()
    script.archive.damage = Damage(entries=1, readings=24)
    plain = made_of(script).summary.plain()
    assert "readings" in plain["not_certain"]
    assert "wave_seconds" in plain["at_least"]
    assert not {*plain["not_certain"]} & {*plain["at_least"]}


def with_a_date(script: Script, year: int) -> Script:
    """The last heart rate, on another computer's clock, in another year."""
    stored = script.archive.stored
    at = max(number for number, (_, row) in enumerate(stored) if row.name == "hr")
    batch, row = stored[at]
    stored[at] = (batch, replace(row, at=Instant(row.at.utc.replace(year=year), row.at.mono_ns, "b0ot")))
    script.archive.damage = Damage(changed=(batch,))
    return script


@pytest.mark.parametrize("year", [1026, 2126, 9026])
def test_a_reading_with_a_damaged_date_does_not_stretch_the_trend(made_of, year):
    whole = picture(made_of(a_reaction()))
    material = made_of(with_a_date(a_reaction(), year))
    drawn = picture(material)
    assert (drawn.last_s, worst_of(material).partition(",")[0]) == (
        whole.last_s,
        worst_of(made_of(a_reaction())).partition(",")[0],
    )
    assert all(point.s <= drawn.last_s for lines in drawn.lines.values() for line in lines for point in line)
    assert "not certain" in " ".join(PdfReader(io.BytesIO(report_pdf(material))).pages[0].extract_text().split())


def test_readings_after_the_last_entry_that_is_left_are_drawn(made_of):
    script = a_reaction()
    batch, row = script.archive.stored[-1]
    later = replace(row, name="hr", at=script.clock.now().plus(1800), measured_at=None)
    script.archive.stored.append((batch + 1, later))
    script.archive.damage = Damage(entries=40)
    drawn = picture(made_of(script))
    assert drawn.last_s == drawn.lines["hr"][-1][-1].s


def test_however_long_a_record_claims_to_be_its_axis_has_few_numbers(made_of):
    material = made_of(a_reaction())
    drawn = replace(picture(material), last_s=8000 * 366 * 86_400.0)
    numbers = [one for one in _strings(trend(material, drawn, SMALL_TREND, 500, 100)) if one.y == 12]
    assert 2 <= len(numbers) <= 15


def test_a_trend_without_all_readings_says_that_what_is_blank_may_be_lost(made_of):
    def told(material: Material) -> list[str]:
        return [one.text for one in _strings(trend(material, picture(material), SMALL_TREND, 500, 100))]

    assert not any("lost" in words for words in told(made_of(a_reaction())))
    damaged = made_of(without_readings(a_reaction(), lambda row: row.name == "spo2"))
    [legend] = [words for words in told(damaged) if words.startswith("minutes since the start")]
    assert legend.endswith("   blank = not measured or lost")


def _strings(group: object) -> list[String]:
    found = [group] if isinstance(group, String) else []
    for one in getattr(group, "contents", []):
        found += _strings(one)
    return found
