"""What the mixer's words mean, and that turning up and back leaves a person's choice alone."""

from __future__ import annotations

import sys
import threading

import pytest

from ui.sound.mixer import MUTED, NO_DEVICE, SILENT, Mixer, MixerWatch, ask_mixer, turn_back, turn_up

SINK = """
import sys
from pathlib import Path
book = Path(sys.argv[1])
mute, volume, name = book.read_text().split()
match sys.argv[2]:
    case "get-sink-mute":
        print("Mute:", mute)
    case "get-sink-volume":
        print(f"Volume: front-left: 65536 / {volume} / 0.00 dB,   front-right: 65536 / {volume} / 0.00 dB")
    case "get-default-sink":
        print(name)
    case "set-sink-mute":
        book.write_text(f"{'yes' if sys.argv[4] == '1' else 'no'} {volume} {name}")
    case "set-sink-volume":
        book.write_text(f"{mute} {sys.argv[4]} {name}")
"""


@pytest.fixture
def book(tmp_path):
    return tmp_path / "sink"


@pytest.fixture
def tool(book):
    return (sys.executable, "-c", SINK, str(book))


@pytest.mark.parametrize(
    ("sink", "why"),
    [
        ("no 70% alsa_output", ""),
        ("no 1% alsa_output", ""),
        ("yes 70% alsa_output", MUTED),
        ("no 0% alsa_output", SILENT),
        ("no 100% auto_null", NO_DEVICE),
    ],
)
def test_mute_volume_and_a_dummy_are_told(book, tool, sink, why):
    book.write_text(sink)
    found = ask_mixer(tool)
    assert found.told
    assert found.why_silent == why


def test_where_nobody_tells_nothing_stands_against_it():
    assert ask_mixer(("no-such-mixer",)) == Mixer()
    assert ask_mixer((sys.executable, "-c", "raise SystemExit(1)")).why_silent == ""


def test_it_is_turned_up_and_back_to_what_was_set(book, tool):
    book.write_text("yes 30% alsa_output")
    before = ask_mixer(tool)
    turn_up(before, tool)
    assert ask_mixer(tool) == Mixer(True, False, False, 100)
    turn_back(before, tool)
    assert ask_mixer(tool).percent == 30


def test_what_somebody_set_in_the_meantime_stays(book, tool):
    book.write_text("no 30% alsa_output")
    before = ask_mixer(tool)
    turn_up(before, tool)
    book.write_text("no 60% alsa_output")
    turn_back(before, tool)
    assert ask_mixer(tool).percent == 60


def test_the_watch_turns_up_once_and_back_at_its_end():
    done: list[str] = []
    asked = threading.Event()

    def ask() -> Mixer:
        asked.set()
        return Mixer(True, percent=50)

    watch = MixerWatch(ask, lambda _: done.append("up"), lambda _: done.append("back"), every_s=0.01)
    watch.loud(True)
    watch.loud(True)
    asked.clear()
    assert asked.wait(10)
    watch.close()
    assert done == ["up", "back"]
    assert watch.newest.percent == 50
