"""A product page over a shelf: what the tests of that page share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from pytestqt.qtbot import QtBot

from exomonitor.session.commands import Command
from tests.exomonitor.engine.bedside_bench import Bench
from tests.ui.fake_bedside import FakeBedside
from tests.ui.scenes import empty_chair
from ui.bridge import Bridge
from ui.pages.product.page import ProductPage
from ui.theme import DARK
from ui.widgets.entry import TextEntry


@dataclass
class Room:
    page: ProductPage
    bedside: FakeBedside
    bridge: Bridge
    bench: Bench
    qtbot: QtBot

    def show(self) -> None:
        """The registry as the bench has it now."""
        snapshot = replace(empty_chair(), now=self.bench.now, registry=self.bench.snapshot.registry)
        self.page.show_snapshot(snapshot)

    def scan(self, raw: str, kind: str = "label") -> None:
        self.bridge.scanned.emit(kind, raw)

    def sent(self) -> Command:
        self.qtbot.waitUntil(lambda: bool(self.bedside.submitted) and not self.page._sending)
        return self.bedside.submitted[-1]


@contextmanager
def open_room(qtbot: QtBot) -> Iterator[Room]:
    """A page in front, with an empty shelf."""
    bench = Bench()
    bedside = FakeBedside(empty_chair())
    bridge = Bridge(bedside)
    page = ProductPage(bedside, bridge, DARK)
    qtbot.addWidget(page)
    page.resize(1298, 618)
    page.show()
    made = Room(page, bedside, bridge, bench, qtbot)
    made.show()
    yield made
    bridge.close()


def type_into(entry: TextEntry, text: str) -> None:
    entry.set_text(text)
    entry.edited.emit(text)
