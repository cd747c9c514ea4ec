"""The sound helper as a real process, and the screen's link to it. There may be no sound device: then it says so."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest

from exomonitor.alarms.limits import Priority
from exomonitor.engine.snapshot import AudioView, Snapshot
from exomonitor.registry.sound_tests import NOT_HEARD
from tests.ui.made_sessions import START
from ui.sound.link import SILENT_S, SounderLink, helper_command
from ui.sound.mark import leave_mark
from ui.sound.notice import Notice
from ui.sounder import Sounder

PICTURE = Snapshot("4", START, 1, True)


@dataclass
class Helper:
    """A running helper: lines to it, and its reports as they come."""

    process: subprocess.Popen[str]

    def say(self, **content: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(content) + "\n")
        self.process.stdin.flush()

    def next(self, key: str) -> dict[str, object]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            report = json.loads(line)
            if key in report:
                return dict(report)
        raise AssertionError(f"the helper ended without a report of {key}")


@contextmanager
def running(*words: str) -> Iterator[Helper]:
    process = subprocess.Popen(
        [*helper_command(), "--patience", "0.4", *words],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        yield Helper(process)
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except BrokenPipeError:
                assert process.returncode is not None


@pytest.fixture
def helper() -> Iterator[Helper]:
    with running() as one:
        yield one


def test_it_says_whether_it_can_be_heard_and_leaves_after_bye(helper):
    report = helper.next("audio")
    assert report["audio"] or report["why"]
    helper.say(beat=1)
    helper.say(sound="high")
    assert helper.next("due") == {"due": "high"}
    helper.say(bye=True)
    assert helper.process.wait(10) == 0


def test_it_calls_out_a_screen_that_stands_still_and_takes_it_back(helper):
    helper.next("audio")
    helper.say(beat=1)
    assert helper.next("failure") == {"failure": True}
    helper.say(beat=2)
    assert helper.next("failure") == {"failure": False}
    helper.say(bye=True)
    assert helper.process.wait(10) == 0


def test_a_screen_that_died_is_called_out(helper):
    helper.next("audio")
    helper.say(beat=1)
    assert helper.process.stdin is not None
    helper.process.stdin.close()
    assert helper.next("failure") == {"failure": True}


def test_an_orphan_leaves_when_a_new_program_has_come(tmp_path):
    mark = leave_mark("4", simulated=False, folder=tmp_path)
    assert mark is not None
    with running(*mark.words()) as helper:
        helper.next("audio")
        helper.say(beat=1)
        assert helper.process.stdin is not None
        helper.process.stdin.close()
        assert helper.next("failure") == {"failure": True}
        leave_mark("4", simulated=False, folder=tmp_path)
        assert helper.process.wait(10) == 1


def test_a_helper_whose_screen_lives_stays_whatever_is_started_beside_it(tmp_path):
    mark = leave_mark("4", simulated=False, folder=tmp_path)
    assert mark is not None
    with running(*mark.words()) as helper:
        helper.next("audio")
        leave_mark("4", simulated=False, folder=tmp_path)
        helper.say(beat=1)
        assert helper.next("failure") == {"failure": True}
        helper.say(beat=2)
        assert helper.next("failure") == {"failure": False}
        helper.say(bye=True)
        assert helper.process.wait(10) == 0


def test_nonsense_does_not_stop_it(helper):
    assert helper.process.stdin is not None
    helper.process.stdin.write('}{\n[1]\n{"sound": "whistle"}\n')
    helper.say(sound="medium")
    assert helper.next("due") == {"due": "medium"}


# --- the screen's end -------------------------------------------------------------------------------------------------

SCRIPT = """
import json, sys
print(json.dumps({"audio": True, "why": ""}), flush=True)
for line in sys.stdin:
    said = json.loads(line)
    print(json.dumps({"echo": said}), flush=True)
    if said.get("sound") == "low":
        sys.exit(7)
    if said.get("bye"):
        break
"""


@dataclass
class Told:
    """What the engine was told."""

    reports: list[tuple[bool, str]] = field(default_factory=list)

    def __call__(self, works: bool, why: str) -> None:
        self.reports.append((works, why))


@dataclass
class Desk:
    """A link with a made-up helper and a clock of its own."""

    link: SounderLink
    told: Told
    now_s: list[float]
    heard: list[dict[str, object]]


@pytest.fixture
def desk(qtbot) -> Iterator[Desk]:
    told, now_s, heard = Told(), [0.0], []
    link = SounderLink(told, [sys.executable, "-c", SCRIPT], seconds=lambda: now_s[0])
    link._line_came.connect(lambda _, line: heard.append(json.loads(line)))
    link.start()
    link._timer.stop()  # the test makes the seconds
    made = Desk(link, told, now_s, heard)
    qtbot.waitUntil(lambda: made.told.reports == [(True, "")])
    yield made
    link.close()


def echoes(desk: Desk) -> list[object]:
    return [line["echo"] for line in desk.heard if "echo" in line]


def test_heartbeats_go_only_while_the_picture_moves(desk, qtbot):
    desk.link.show_snapshot(PICTURE)
    desk.link.turn()
    desk.link.turn()
    desk.link.show_snapshot(replace(PICTURE, beat=2))
    desk.link.turn()
    desk.link.turn()
    desk.link._send({"last": 1})
    qtbot.waitUntil(lambda: {"last": 1} in echoes(desk))
    assert echoes(desk) == [{"beat": 1}, {"beat": 2}, {"last": 1}]


def test_what_sounds_is_passed_on_when_it_changes(desk, qtbot):
    high = replace(PICTURE, audio=AudioView(True, "", None, Priority.HIGH))
    unanswered = replace(high, audio=replace(high.audio, escalated=True))
    for picture in (PICTURE, high, high, unanswered, PICTURE):
        desk.link.show_snapshot(picture)
    qtbot.waitUntil(lambda: len(echoes(desk)) == 3)
    assert echoes(desk) == [
        {"sound": "high", "loud": False},
        {"sound": "high", "loud": True},
        {"sound": None, "loud": False},
    ]


@pytest.mark.expects_log("the sound helper stopped \\(code 7\\)")
def test_a_helper_that_dies_is_said_and_replaced(desk, qtbot):
    desk.link.show_snapshot(replace(PICTURE, audio=AudioView(True, "", None, Priority.LOW)))
    process = desk.link._process
    assert process is not None
    process.wait(10)
    desk.link.turn()
    assert desk.told.reports[-1] == (False, "the sound helper stopped (code 7)")
    desk.link.show_snapshot(PICTURE)
    desk.now_s[0] += 1.5
    desk.link.turn()
    qtbot.waitUntil(lambda: desk.told.reports[-1] == (True, ""))


@pytest.mark.expects_log("the sound helper does not answer")
def test_a_helper_that_hangs_is_said_and_replaced(desk, qtbot):
    desk.now_s[0] += SILENT_S + 1
    desk.link.turn()
    assert desk.told.reports[-1] == (False, "the sound helper does not answer")


@pytest.mark.expects_log("the sound helper cannot be started")
def test_a_helper_that_cannot_be_started_is_said(qtbot):
    told = Told()
    link = SounderLink(told, ["no-such-program-anywhere"])
    link.start()
    link.close()
    assert told.reports[0][0] is False
    assert "cannot be started" in told.reports[0][1]


def test_a_person_who_heard_nothing_outweighs_the_computer(desk):
    assert desk.link.test(full=True)
    desk.link.answer_test(heard=False)
    assert desk.told.reports[-1] == (False, NOT_HEARD)
    desk.link.answer_test(heard=True)
    assert desk.told.reports[-1] == (True, "")


def test_the_helper_is_found_from_whatever_folder_the_program_was_started(qtbot, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = Told()
    link = SounderLink(told)
    link.start()
    qtbot.waitUntil(lambda: bool(told.reports), timeout=30_000)
    link.close()
    assert "stopped" not in told.reports[0][1]


def test_close_says_bye_and_leaves_nothing_running(qtbot):
    told = Told()
    link = SounderLink(told, [sys.executable, "-c", SCRIPT])
    link.start()
    process = link._process
    assert process is not None
    link.close()
    assert process.returncode == 0
    assert not [t for t in threading.enumerate() if t.name == "sounder-reports"]


class _Silent:
    """Plays nothing and says so."""

    def __init__(self) -> None:
        self.played: list[str] = []

    def play(self, name: str) -> None:
        self.played.append(name)

    def state(self) -> tuple[bool, str]:
        return True, ""

    def tells_volume(self) -> bool:
        return False

    def loud(self, wanted: bool) -> None:
        assert not wanted

    def close(self) -> None:
        assert self.played


def test_silencing_the_notice_of_a_frozen_screen_does_not_end_the_helper(qtbot, monkeypatch):
    seconds = [0.0]
    ended: list[int] = []
    monkeypatch.setattr("ui.sounder.stopwatch", lambda: seconds[0])
    player, out = _Silent(), io.StringIO()
    sounder = Sounder(player, io.StringIO(), out, window=True)

    def notice() -> Notice:
        assert sounder._notice is not None
        return sounder._notice

    monkeypatch.setattr(sounder, "_quit", ended.append)
    sounder._hear(json.dumps({"beat": 1}))
    seconds[0] = 3.5
    sounder._tick()
    assert player.played == ["failure"]
    notice().close()
    seconds[0] = 60.0
    sounder._tick()
    assert (player.played, sounder._notice, ended) == (["failure"], None, [])
    seconds[0] = 124.0
    sounder._tick()
    assert player.played == ["failure", "failure"], "and it calls out again"
    assert notice().isVisible()
    sounder._gone_s = 125.0
    notice().close()
    assert ended == [1], "a program that is gone does not come back"
    sounder._call_off()
