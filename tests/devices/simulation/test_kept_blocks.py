"""What simulated monitors make of the patient is made once a block, and anew when his course changes."""

from __future__ import annotations

from itertools import count

import numpy as np

from devices.monitors.philips_intellivue.simulator import waves
from devices.monitors.philips_intellivue.wire import codes
from devices.simulation.patient import Episode, PatientWorld


def test_what_is_made_of_a_block_is_made_once() -> None:
    world, numbers = PatientWorld(), count(1)
    assert [world.kept("ecg_ii", 7, lambda: next(numbers)) for _ in range(3)] == [1, 1, 1]


def test_two_that_look_at_one_patient_take_nothing_from_each_other() -> None:
    world = PatientWorld()

    def others_come() -> str:
        for block in range(1000):  # so many that everything else has made room
            world.kept("resp", block, str)
        return "mine"

    assert world.kept("ecg_ii", 7, others_come) == "mine"
    assert world.kept("pleth", 7, lambda: world.add(Episode(1.0, 1.0, {"hr": 120.0}))) is None
    assert world.kept("pleth", 7, lambda: "anew") == "anew"  # what was made meanwhile is of the earlier course


def test_another_name_and_another_block_are_made_for_themselves() -> None:
    world, numbers = PatientWorld(), count(1)
    asked = [(name, block) for name in ("ecg_ii", "resp") for block in (1, 2)]
    assert [world.kept(name, block, lambda: next(numbers)) for name, block in asked] == [1, 2, 3, 4]


def test_when_the_patient_takes_another_course_it_is_made_anew() -> None:
    world = PatientWorld()
    assert world.kept("hr", 0, lambda: world.vitals(5.0).hr) < 90
    world.add(Episode(1.0, 0.0, {"hr": 120.0}))
    assert world.kept("hr", 0, lambda: world.vitals(5.0).hr) > 110


def test_what_was_kept_longest_makes_room() -> None:
    world, numbers = PatientWorld(), count(1)
    asked = (*range(200), 199, 0)
    assert [world.kept("resp", block, lambda: next(numbers)) for block in asked] == [*range(1, 201), 200, 201]


def test_a_wave_that_is_sent_follows_the_patient_in_the_middle_of_a_block() -> None:
    def sent(world: PatientWorld) -> list[bytes]:
        pleth = (codes.PLETH,)
        return [waves.objects(world, pleth, block, 0.0, 1, 0)[0].attributes[codes.SAMPLES] for block in (3, 4)]

    quiet, changed = PatientWorld(), PatientWorld()
    assert sent(changed) == sent(quiet)
    changed.add(Episode(1.1, 0.0, {"pi": 0.4}))  # block 4 begins at second 1.024, in the same kept samples as block 3
    before, after = sent(changed)
    assert before == sent(quiet)[0]
    assert after != sent(quiet)[1]


def test_asking_twice_about_a_second_gives_the_same_vital_signs() -> None:
    world = PatientWorld()
    first = world.vitals(12.5)
    assert world.vitals(12.5) == first
    assert np.isclose(PatientWorld().vitals(12.5).hr, first.hr)
