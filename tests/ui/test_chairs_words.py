"""What the strip, the bar and the header say where there are several chairs, and colours that all eyes tell apart."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.policy import AlarmState
from exomonitor.engine.snapshot import AudioView, OtherPlace, Snapshot
from exomonitor.session.plan import Patient
from exomonitor.settings import COLOURS, ChairSetting, Seat, seats_of
from tests.ui import scenes
from ui.presenters.alarms import alarm_bar, alarm_lines
from ui.presenters.chairs import FILLS, NEUTRAL, fill_of, not_shown_words, short_name, tile
from ui.presenters.header import chair_chip, sound_chip
from ui.theme import DARK

SEATS = seats_of((ChairSetting(name="4"), ChairSetting(name="5")))
FAR_ENOUGH = 20.0
"""Distance in CIELAB, for every kind of sight."""
_SIGHTS = {
    "usual": np.eye(3),
    "no red": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "no green": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "no blue": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
"""What a colour becomes (linear RGB) for people who lack one kind of cone (Machado, Oliveira, Fernandes 2009)."""


def _linear(colour: str) -> npt.NDArray[np.float64]:
    raw = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(raw <= 0.04045, raw / 12.92, ((raw + 0.055) / 1.055) ** 2.4)


def _lab(linear: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(linear, 0, 1) / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("sight", _SIGHTS)
def test_colours_of_chairs_are_told_apart_by_all_eyes_and_are_none_of_the_alarms(sight):
    seen = {name: _lab(_SIGHTS[sight] @ _linear(fill)) for name, (fill, _) in FILLS.items()}
    alarms = [_lab(_SIGHTS[sight] @ _linear(DARK.alarm_fill(priority))) for priority in Priority]
    assert set(seen) == set(COLOURS)
    for one, other in combinations(COLOURS, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > FAR_ENOUGH, (one, other)
    for name, colour in seen.items():
        assert all(np.linalg.norm(colour - alarm) > FAR_ENOUGH for alarm in alarms), name


@pytest.mark.parametrize("fill", [*FILLS.values(), NEUTRAL])
def test_the_number_is_readable_on_its_colour(fill):
    dark, light = sorted(float(np.array([0.2126, 0.7152, 0.0722]) @ _linear(one)) for one in fill)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


# --- the tile ---------------------------------------------------------------------------------------------------------


def _several(snapshot: Snapshot, **more: object) -> Snapshot:
    return replace(snapshot, chairs=SEATS, **more)  # type: ignore[arg-type]


def test_a_tile_says_who_how_far_and_what_alarms():
    view = tile(_several(scenes.three_alarms()), SEATS)
    assert (view.number, view.fill, view.name, view.state) == ("4", FILLS["blue"][0], "J. DOE", "Infuse · 28 min left")
    assert (view.alarm, view.priority, view.filled, view.more) == (
        "!!! SpO₂ low 84 %", Priority.HIGH, True, 3,
    )  # fmt: skip
    assert view.spoken == "Chair 4, J. DOE, Infuse · 28 min left, alarm !!! SpO₂ low 84 %"


@pytest.mark.parametrize(
    ("scene", "name", "state"),
    [
        ("empty", "Free", ""),
        ("preparing", "J. DOE", "Prepare"),
        ("observing", "J. DOE", "Observe · set in 4 min"),
        ("no_data", "J. DOE", "Infuse · 33 min left"),
    ],
)
def test_a_tile_in_every_phase(scene, name, state):
    view = tile(_several(scenes.SCENES[scene]()), SEATS)
    assert (view.name, view.state) == (name, state)


def test_a_tile_never_tells_the_second_person_who_it_is():
    assert tile(_several(scenes.normal()), SEATS, blind=True).name == "Second check"


def test_an_acknowledged_alarm_fills_nothing():
    seen = replace(scenes.three_alarms().alarms[0], state=AlarmState.ACKED)
    assert not tile(_several(scenes.normal(), alarms=(seen,)), SEATS).filled


def test_a_place_without_a_colour_of_its_own_is_neutral():
    lounge = tile(replace(scenes.observing(), chair="Lounge 1"), SEATS)
    assert (lounge.number, lounge.fill) == ("L1", NEUTRAL[0])
    assert fill_of("9", SEATS) == NEUTRAL


@pytest.mark.parametrize(
    ("name", "short"),
    [("DOE, Jane", "J. DOE"), ("VAN DER BERG, Anna-Lena", "A.L. VAN DER BERG"), ("Cher", "Cher"), ("DOE,", "DOE,")],
)
def test_names_are_short_on_a_tile(name, short):
    assert short_name(name) == short


def test_chairs_that_another_station_watches_are_named():
    assert not_shown_words(("7", "8")) == "Not shown here: 7, 8"
    assert not_shown_words(()) == ""


# --- alarms ----------------------------------------------------------------------------------------------------


def _beside(state: AlarmState = AlarmState.ACTIVE) -> OtherPlace:
    high = replace(scenes.three_alarms().alarms[0], state=state)
    return OtherPlace("5", "ROE, Richard", True, (high,))


def test_every_alarm_begins_with_its_chair_and_a_higher_one_of_another_chair_stands_first():
    snapshot = _several(scenes.one_alarm(), others=(_beside(),))
    first, second = alarm_lines(snapshot)
    assert (first.text, first.place, first.can_acknowledge) == ("Chair 5 · SpO₂ low 84 % (limit 85)", "5", False)
    assert (second.text, second.place, second.can_acknowledge) == ("Chair 4 · SpO₂ low 89 % (limit 90)", "", True)
    bar = alarm_bar(snapshot)
    assert (bar.text, bar.place, bar.count_text) == ("Chair 5 · SpO₂ low 84 % (limit 85)", "5", "1 of 2")
    assert (bar.pauses, bar.pause_text) == (True, "Pause chair 4 2:00")


def test_an_alarm_of_this_chair_stands_before_an_equal_one_of_another():
    assert alarm_bar(_several(scenes.three_alarms(), others=(_beside(),))).place == ""


def test_what_somebody_has_seen_in_another_chair_is_not_told_here():
    assert alarm_lines(_several(scenes.normal(), others=(_beside(AlarmState.ACKED),))) == ()


def test_nothing_here_can_be_paused_for_another_chair():
    assert not alarm_bar(_several(scenes.normal(), others=(_beside(),))).pauses


def test_with_one_chair_alarms_are_worded_as_ever():
    bar = alarm_bar(scenes.one_alarm())
    assert (bar.text, bar.place, bar.pause_text) == ("SpO₂ low 89 % (limit 90)", "", "Pause audio 2:00")


# --- header ----------------------------------------------------------------------------------------------------


def test_the_header_says_whose_the_sound_is():
    audio = AudioView(True, "", sounding=Priority.HIGH, owner="5")
    chip = sound_chip(_several(scenes.normal(), audio=audio))
    assert (chip.label, chip.strong, chip.tail) == ("SOUND", "chair 5", "")
    paused = replace(audio, paused_until=scenes.NOW.plus(80))
    assert sound_chip(_several(scenes.normal(), audio=paused)).tail == "Audio paused 01:20"


def test_one_chair_names_the_chairs_of_another_station_in_its_chip():
    assert chair_chip(scenes.normal()).tail == ""
    assert chair_chip(replace(scenes.normal(), not_shown=("7", "8"))).tail == "· not shown: 7, 8"
    assert chair_chip(_several(scenes.normal(), wristband="wanted")).strong == "Wristband first"


def test_nobody_is_made_up_for_a_seat_without_a_session():
    patient = Patient("DOE, Jane", "1972-03-14", "0048213", ("name", "born"), "")
    assert patient.name not in tile(_several(scenes.empty_chair()), (Seat("4"),)).spoken
