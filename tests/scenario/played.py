"""A scenario played once to its end, and everything that it left: summary line, export, database."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pypdf import PdfReader

from devices.simulation.scenarios import scenario_text
from exomonitor.headless import seconds
from exomonitor.records import keys
from exomonitor.records.connections import open_raw
from tests.commands.program import DONE, Said, run

LINE_KEYS = [
    "scenario",
    "simulated",
    "phase",
    "planned_ml",
    "delivered_ml",
    "infusing_min",
    "paused_min",
    "reactions",
    "checks",
    "alarms",
    "readings",
    "wave_seconds",
    "gaps",
    "export",
]
Row = dict[str, str]
BATCHES = {"ReadingsStored", "WavesStored"}


@dataclass(frozen=True)
class Played:
    """One finished run under `out`."""

    out: Path
    line: dict[str, Any]

    @property
    def export(self) -> Path:
        return Path(self.line["export"])

    @property
    def database(self) -> Path:
        return self.out / "data" / "demo.sqlite3"

    def table(self, name: str) -> list[Row]:
        """A CSV file of the export."""
        with (self.export / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    @cached_property
    def readings(self) -> list[Row]:
        return self.table("readings.csv")

    @cached_property
    def events(self) -> list[Row]:
        """Journal entries but for stored batches."""
        return [row for row in self.table("events.csv") if row["type"] not in BATCHES]

    @cached_property
    def session(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads((self.export / "session.json").read_text(encoding="utf-8"))
        return loaded

    def bodies(self, kind: str) -> list[dict[str, Any]]:
        """The bodies of all journal entries of a type."""
        return [row["body"] for row in self.session["journal"] if row["type"] == kind]

    @cached_property
    def report(self) -> str:
        """The text of report.pdf on one line."""
        reader = PdfReader(self.export / "report.pdf")
        return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in reader.pages))

    def _connect(self) -> sqlite3.Connection:
        if keys.named_by(self.database):
            return open_raw(self.database, "ro")
        return sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)

    def ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What plain SQL finds in the database; with its key where it is encrypted."""
        with closing(self._connect()) as connection:
            return connection.execute(statement, values).fetchall()


def play(scenario: str, out: Path, *more: object) -> Played:
    """Play a scenario that must succeed; `unplug@66` = its first 66 minutes."""
    name, _, minutes = scenario.partition("@")
    if minutes:
        out.mkdir(parents=True)
        (out / "first-part.toml").write_text(first_part(name, float(minutes)), encoding="utf-8")
        name = str(out / "first-part.toml")
    return finished(run("demo", "--headless", "--scenario", name, "--out", out, *more, limit_s=400), out)


def first_part(scenario: str, minutes: float) -> str:
    """The TOML text of a scenario that ends early."""
    head, *rows = re.split(r"(?=^\[\[)", scenario_text(scenario), flags=re.MULTILINE)
    kept = [row for row in rows if seconds(re.findall(r'at = "([^"]+)"', row)[0]) < minutes * 60]
    return re.sub(r"(?m)^minutes = .*$", f"minutes = {minutes}", head) + "".join(kept)


def finished(said: Said, out: Path) -> Played:
    """The run that a command reports with its last line."""
    assert (said.code, said.err) == (DONE, ""), said
    return Played(out, json.loads(said.out.splitlines()[-1]))
