"""A whole session through main.py on whose record something happens in its middle: the alarm stands, monitoring goes
on, the program ends with a sentence, and what was committed is intact or named."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.headless import EXPECT, ScriptedNurse, ScriptRow, seconds
from exomonitor.records.doubt import Submit
from exomonitor.records.store import Store
from exomonitor.records.verify import verify_database
from exomonitor.session.entry import Entry
from main import main
from tests.exomonitor.records.disk import Call, Disk, error_of

SHIPPED = Path("resources/scenarios/short.toml")
READ_ONLY = 8
HARM_AT, LOOK_AT = "0:30", "0:50"
NOT_SAVED = "RECORD NOT SAVED - write on paper"
LOGGED = "could not be saved|in the record all the same|saved again|without tidying up|stay staged|noted beside it"
Harm = Callable[[Path, Disk], None]


def refusing(call: str, code: int = 0) -> Harm:
    def begin(path: Path, disk: Disk) -> None:
        def refuse(number: int, asked: Call) -> int:
            if asked.what != call or not asked.path.startswith(str(path)):
                return 0
            return code or error_of(asked)

        disk.refuse = refuse

    return begin


def deleted(path: Path, _: Disk) -> None:
    path.unlink()


def emptied(path: Path, _: Disk) -> None:
    path.write_bytes(b"")


def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: Harm, look: str) -> tuple[int, dict[int, Any]]:
    """The shipped session up to the middle of its infusion, the harm, and what the nurse sees 20 s later."""
    rows = re.split(r"(?=^\[\[)", SHIPPED.read_text(encoding="utf-8"), flags=re.M)
    kept = [one for one in rows if not one.startswith("[[nurse]]") or _at(one) < 30]
    looks = ((HARM_AT, 'phase = "infuse"'), (LOOK_AT, look))
    expect = "".join(f'[[nurse]]\nat = "{at}"\ndo = "{EXPECT}"\n{what}\n\n' for at, what in looks)
    scenario = tmp_path / "harmed.toml"
    scenario.write_text("".join(kept) + expect, encoding="utf-8")
    path = tmp_path / "out" / "data" / "demo.sqlite3"
    seen: dict[int, Any] = {}
    path.parent.mkdir(parents=True)
    perform = ScriptedNurse.perform
    with Disk(path.parent) as disk:

        def watched(self: ScriptedNurse, row: ScriptRow) -> Any:
            done = perform(self, row)
            if row.do == EXPECT:
                shot = self._bedside.latest()
                seen[len(seen)] = (shot.progress.delivered_ml if shot.progress else None, len(shot.vitals))
                if len(seen) == 1:
                    harm(path.resolve(), disk)
            return done

        monkeypatch.setattr(ScriptedNurse, "perform", watched)
        code = main(["demo", "--headless", "--scenario", str(scenario), "--out", str(tmp_path / "out")])
    return code, seen


def _at(row: str) -> float:
    found = re.search(r'at = "(\d+:[\d.]+)"', row)
    assert found is not None
    return seconds(found[1])


@pytest.mark.expects_log(LOGGED)
@pytest.mark.parametrize("harm", [deleted, emptied, refusing("write", READ_ONLY), refusing("sync")])
def test_the_alarm_stands_and_monitoring_goes_on(tmp_path, monkeypatch, capsys, harm):
    code, seen = play(tmp_path, monkeypatch, harm, f'alarm = "{NOT_SAVED}"')
    told = capsys.readouterr().err
    assert "The scenario expects" not in told
    assert "Traceback" not in told
    assert len(seen) == 2
    assert seen[1][0] > seen[0][0] + 4  # the pump is heard on
    assert seen[1][1] == seen[0][1]
    assert code != 0
    try:
        found = verify_database(tmp_path / "out" / "data" / "demo.sqlite3")
    except (CommandRefused, EnvironmentFault):
        found = []
    assert found == []


@pytest.mark.expects_log(LOGGED)
@pytest.mark.parametrize(("committing", "look"), [(True, "alarm"), (False, "no_alarm")])
def test_a_sync_that_fails_once_costs_nothing(tmp_path, monkeypatch, capsys, committing, look):
    """In a commit the alarm stays until somebody has seen it; where waves are merged afterwards there is none."""
    save, saving, left = Store.save, list[Store](), [1]

    def watched(self: Store, submits: Sequence[Submit]) -> list[tuple[Entry, ...]]:
        saving.append(self)
        try:
            return save(self, submits)
        finally:
            saving.pop()

    def once(path: Path, disk: Disk) -> None:
        def refuse(number: int, asked: Call) -> int:
            if asked.what != "sync" or not asked.path.startswith(str(path)) or bool(saving) is not committing:
                return 0
            left[0] -= 1
            return error_of(asked) if left[0] >= 0 else 0

        disk.refuse = refuse

    monkeypatch.setattr(Store, "save", watched)
    code, seen = play(tmp_path, monkeypatch, once, f'{look} = "{NOT_SAVED}"')
    assert left[0] < 0
    assert capsys.readouterr().err == ""
    assert (code, len(seen)) == (0, 2)
    assert verify_database(tmp_path / "out" / "data" / "demo.sqlite3") == []
