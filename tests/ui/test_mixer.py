"""What the mixer's words mean, and that turning up and back leaves a person's choice alone."""

from __future__ import annotations

import sys
import threading

import pytest

from ui.sound.mixer import (
    MUTED,
    NO_DEVICE,
    OWN_MUTED,
    OWN_SILENT,
    SILENT,
    Mixer,
    MixerWatch,
    Stream,
    ask_mixer,
    turn_back,
    turn_up,
)

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
    case "list":
        print((book.parent / "streams").read_text() if (book.parent / "streams").exists() else "")
    case "set-sink-input-mute" | "set-sink-input-volume":
        with (book.parent / "done").open("a") as done:
            done.write(" ".join(sys.argv[2:]) + "\\n")
    case "set-sink-mute":
        book.write_text(f"{'yes' if sys.argv[4] == '1' else 'no'} {volume} {name}")
    case "set-sink-volume":
        book.write_text(f"{mute} {sys.argv[4]} {name}")
"""


STREAM = """Sink Input #{number}
\tDriver: protocol-native.c
\tCorked: no
\tMute: {mute}
\tVolume: mono: 65536 / {volume}% / 0.00 dB
\t        balance 0.00
\tProperties:
\t\tapplication.name = "python3"
\t\tapplication.process.id = "{process}"
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


@pytest.mark.parametrize("silent", ["yes 0% alsa_output", "no 0% alsa_output"])
def test_what_was_silent_is_not_made_silent_again(book, tool, silent):
    book.write_text(silent)
    before = ask_mixer(tool)
    turn_up(before, tool)
    turn_back(before, tool)
    assert ask_mixer(tool).why_silent == ""


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


@pytest.mark.parametrize(
    ("mute", "volume", "process", "why"),
    [
        ("no", 100, 77, ""),
        ("yes", 100, 77, OWN_MUTED),
        ("no", 0, 77, OWN_SILENT),
        ("yes", 0, 78, ""),
    ],
)
def test_a_program_that_is_muted_alone_in_the_mixer_is_told_and_another_ones_mute_is_not_ours(
    book, tool, mute, volume, process, why
):
    book.write_text("no 70% alsa_output")
    other = STREAM.format(number=3, mute="no", volume=50, process=5)
    (book.parent / "streams").write_text(other + STREAM.format(number=8, mute=mute, volume=volume, process=process))
    assert ask_mixer(tool, 77).why_silent == why


def test_an_unanswered_alarm_unmutes_the_program_too(book, tool):
    book.write_text("no 100% alsa_output")
    (book.parent / "streams").write_text(STREAM.format(number=8, mute="yes", volume=20, process=77))
    turn_up(ask_mixer(tool, 77), tool)
    done = (book.parent / "done").read_text().splitlines()
    assert done == ["set-sink-input-mute 8 0", "set-sink-input-volume 8 100%"]


def test_what_was_said_of_the_last_stream_holds_while_nothing_plays():
    said = [Mixer(True, percent=50, own=(Stream("1", True, 100),)), Mixer(True, percent=50)]
    seen = threading.Event()

    def ask() -> Mixer:
        if len(said) == 1:
            seen.set()
            return said[0]
        return said.pop(0)

    watch = MixerWatch(ask, lambda _: None, lambda _: None, every_s=0.01)
    assert seen.wait(10)
    watch.close()
    assert watch.newest.why_silent == OWN_MUTED
