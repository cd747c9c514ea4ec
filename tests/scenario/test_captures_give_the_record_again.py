"""What a session's own raw bytes say when they are read again is what the record holds, exactly; a difference is shown
and changes nothing."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from devices.catalogue import CATALOGUE, spec_of
from devices.commands import Against, run_decode
from devices.pumps.bbraun_space.driver import BBraunSpaceDriver
from devices.transport.capture import CaptureWriter, capture_key, read_capture
from exomonitor.clock import Instant
from exomonitor.errors import CommandRefused
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.pump import PumpReading
from tests.scenario.played import Played


def captures(played: Played) -> list[Path]:
    found = sorted((played.out / "data" / "captures").iterdir())
    assert len(found) == 2
    return found


def compared(played: Played, capture: Path) -> tuple[int, list[dict[str, Any]]]:
    out = io.StringIO()
    code = run_decode(capture_key(capture), str(capture), out, against=Against(played.database, "last"))
    return code, [json.loads(line) for line in out.getvalue().splitlines()]


def test_every_stored_reading_and_wave_second_comes_out_of_the_raw_bytes_again(played: Any) -> None:
    short: Played = played("short")
    stored = 0
    for capture in captures(short):
        code, (line,) = compared(short, capture)
        assert (code, line["differences"]) == (0, 0)
        assert line["same"] == line["stored"]
        stored += line["stored"]
    ((rows,),) = short.ask("select count(*) from readings where origin = 'simulator'")
    assert stored == rows + short.line["wave_seconds"]


def test_a_mended_decoder_shows_what_it_reads_otherwise_and_the_record_stays(
    played: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Mended(BBraunSpaceDriver):
        def received(self, data: bytes, at: Instant) -> list[DeviceFact]:
            return [_doubled(fact) for fact in super().received(data, at)]

    short: Played = played("short")
    mended = replace(spec_of("bbraun-space"), make_driver=Mended)
    monkeypatch.setattr("devices.catalogue.CATALOGUE", {**CATALOGUE, "bbraun-space": mended})
    before = short.database.read_bytes()
    code, lines = compared(short, captures(short)[1])
    assert code == 1
    told = [line for line in lines if line["kind"] == "difference"]
    assert {line["name"] for line in told} == {"volume_infused"}
    assert all(line["decoded"][0] == 2 * line["stored"][0] for line in told)
    assert lines[-1]["differences"] == len(told) > 3
    assert short.database.read_bytes() == before


def _doubled(fact: DeviceFact) -> DeviceFact:
    if isinstance(fact, PumpReading) and fact.volume_infused_ml:
        return replace(fact, volume_infused_ml=2 * fact.volume_infused_ml)
    return fact


def test_bytes_of_another_time_or_without_any_are_refused(played: Any, tmp_path: Path) -> None:
    short: Played = played("short")
    elsewhere = CaptureWriter(tmp_path / "elsewhere", "bbraun-space")
    for record in read_capture(captures(short)[1]):
        elsewhere.add(record.kind, record.data, replace(record.at, utc=record.at.utc - timedelta(days=30)))
    elsewhere.close()
    (tmp_path / "plain").write_bytes(b"plain")
    for name, told in (("elsewhere", "no readings of a pump from the time of this recording"), ("plain", "no times")):
        with pytest.raises(CommandRefused, match=told):
            run_decode("bbraun-space", str(tmp_path / name), io.StringIO(), against=Against(short.database, "last"))
