"""The page of patients over a real engine: what the tests of that page share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pytestqt.qtbot import QtBot

from exomonitor.clock import ManualClock
from exomonitor.session.parts.course import RegisterPatient
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench
from tests.ui.bench_bedside import BenchBedside
from ui.bridge import Bridge
from ui.pages.patients.page import PatientsPage
from ui.theme import DARK
from ui.widgets.entry import TextEntry

NOW = ManualClock().now()
JANE = "DEMO-EXAMPLE, Jane"


@dataclass
class Room:
    page: PatientsPage
    bedside: BenchBedside
    bridge: Bridge
    bench: Bench
    qtbot: QtBot

    def look(self) -> None:
        """The next picture."""
        self.page.show_snapshot(self.bench.snapshot)

    def open(self, patient: str) -> None:
        """Pick a patient, and wait until the look is recorded or refused."""
        self.page.open_patient(patient)
        self.opened()

    def opened(self) -> None:
        """Until the look at whoever was picked is recorded or refused."""
        self.qtbot.waitUntil(lambda: not self.page._asked)

    def settled(self) -> None:
        self.qtbot.waitUntil(lambda: not self.page._sending)
        self.look()

    def register(self, name: str = JANE, mrn: str = "M-7", **more: Any) -> str:
        given = {"allergy_state": "none_known", **more}
        return self.bench.do(RegisterPatient(CHAIR, self.bench.by, name, "1972-03-14", mrn, **given)).answer


@contextmanager
def open_room(qtbot: QtBot) -> Iterator[Room]:
    """The page as the window shows it; closed again after the test."""
    bench = Bench()
    bedside = BenchBedside(bench)
    bridge = Bridge(bedside)
    page = PatientsPage(bedside, bridge, DARK)
    qtbot.addWidget(page)
    page.resize(1298, 660)
    page.show()
    made = Room(page, bedside, bridge, bench, qtbot)
    made.look()
    yield made
    bridge.close()


def type_into(entry: TextEntry, text: str) -> None:
    entry.set_text(text)
    entry.edited.emit(text)
