"""Scenario files: what ships is readable, and what is wrong is refused in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from devices.simulation.faults import Fault, FaultKind
from devices.simulation.scenarios import load_scenario, scenario_names
from exomonitor.errors import CommandRefused

HEAD = 'name = "x"\ntitle = "X"\nminutes = 2\npump = "toy"\n'


def load(folder: Path, text: str) -> object:
    path = folder / "x.toml"
    path.write_text(HEAD + text, encoding="utf-8")
    return load_scenario(str(path))


def test_the_promised_scenarios_ship() -> None:
    assert set(scenario_names()) >= {"smooth", "reaction", "occlusion", "unplug", "pump-stops", "short"}


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_that_ships_can_be_read_and_ends_after_its_last_row(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name
    assert bool(scenario.presses) == bool(scenario.pump)
    assert all(press.at_s < scenario.seconds for press in scenario.presses)
    assert [press.at_s for press in scenario.presses] == sorted(press.at_s for press in scenario.presses)


def test_reaction_falls_at_minute_12_of_the_infusion() -> None:
    scenario = load_scenario("reaction")
    start = next(press.at_s for press in scenario.presses if press.action == "start")
    fall = scenario.episodes[0]
    assert fall.at_s - start == 12 * 60
    assert (fall.over_s, fall.targets["spo2"], fall.targets["nibp_sys"], fall.targets["hr"]) == (180, 88, 86, 112)


def test_unplug_is_twenty_seconds_of_silence_at_the_monitor() -> None:
    (fault,) = load_scenario("unplug").faults["monitor"]
    assert (fault.kind, fault.for_s) == (FaultKind.OUT, 20)


def test_rows_become_presses_episodes_and_faults(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(
        HEAD
        + '[[world]]\nat = "1:00:01"\ndo = "pump.start"\nrate_ml_h = 5\n'
        + '[[world]]\nat = "0:01.5"\ndo = "patient"\nhr = 90\nover_s = 10\n'
        + '[[world]]\nat = "0:02"\ndo = "patient"\nsensor = "spo2"\noff = true\n'
        + '[[world]]\nat = "0:03"\ndo = "cable.pump"\ngarble_s = 4\namount = 0.1\n'
        + '[[nurse]]\nanything = "goes"\n',
        encoding="utf-8",
    )
    scenario = load_scenario(str(path))
    (press,) = scenario.presses
    assert (press.at_s, press.target, press.action, press.values) == (3601.0, "pump", "start", {"rate_ml_h": 5})
    assert [(episode.at_s, episode.sensor, episode.off) for episode in scenario.episodes] == [
        (1.5, "", None),
        (2.0, "spo2", True),
    ]
    assert scenario.faults["pump"] == (Fault(FaultKind.GARBLE, 3.0, 4.0, 0.1),)
    assert scenario.seconds == 120


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("wrong = 1", "a scenario has no 'wrong'"),
        ("[patient]\nspo3 = 97", r"\[patient\] has no 'spo3'"),
        ('[[world]]\nat = "0:01"\ndo = "pump"', "nobody can do 'pump'"),
        ('[[world]]\nat = "0:01"\ndo = "nurse.start"', "nobody can do 'nurse.start'"),
        ('[[world]]\nat = "0:61"\ndo = "pump.start"', "'0:61' is no time"),
        ('[[world]]\nat = 5\ndo = "pump.start"', "5 is no time"),
        ('[[world]]\ndo = "pump.start"', "'at' is missing"),
        ('[[world]]\nat = "0:01"', "'do' is missing"),
        ('[[world]]\nat = "0:01"\ndo = "patient"\nmood = 3', "a patient row has no 'mood'"),
        ('[[world]]\nat = "0:01"\ndo = "patient"\nsensor = "nose"\noff = true', "no sensor 'nose'"),
        ('[[world]]\nat = "0:01"\ndo = "patient"\nsensor = "spo2"', "a sensor needs off"),
        ('[[world]]\nat = "0:01"\ndo = "cable.pump"', "a cable row needs one of out_s"),
        ('[[world]]\nat = "0:01"\ndo = "cable.pump"\nbent_s = 4', "a cable row has no 'bent_s'"),
        ("= 5", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(CommandRefused, match=complaint):
        load(tmp_path, text)


def test_a_missing_title_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text('name = "x"\n')
    with pytest.raises(CommandRefused, match="'title' is missing"):
        load_scenario(str(tmp_path / "x.toml"))


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(CommandRefused, match=r"no scenario 'smoth'; there are: .*smooth"):
        load_scenario("smoth")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandRefused, match="no scenario file"):
        load_scenario(str(tmp_path / "none.toml"))
    with pytest.raises(CommandRefused, match="no scenario file"):
        load_scenario(str(tmp_path))
