"""The next container of the product: scanned or typed, matched by the record before it hangs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.commands import Command
from exomonitor.session.parts.supply import ChangeContainer
from exomonitor.session.plan import Product
from ui.bridge import Bridge
from ui.pages.session.panels import SessionForm
from ui.theme import Theme
from ui.widgets.entry import TextEntry
from ui.widgets.rows import row_of
from ui.widgets.text import MEDIUM, Elided, label, set_text


class ContainerForm(SessionForm):
    """Scan the label of the next container; without a scanner its lot and expiry are typed."""

    def __init__(self, theme: Theme, bridge: Bridge, chair: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, bridge, chair, "Next container of the product", parent)
        self._product: Product | None = None
        self._now = Elided(theme, "", 16, MEDIUM)
        self.scan = TextEntry(theme, "Scan the label of the next container", pixels=20)
        self.lot = TextEntry(theme, "or type its lot", pixels=20)
        self.expiry = TextEntry(theme, "and its expiry", hint="year-month-day", pixels=20)
        self.column.addWidget(self._now)
        self.column.addWidget(self.scan)
        self.column.addWidget(row_of(theme, self.lot, self.expiry))
        self.column.addWidget(
            label(
                theme, "Lot and source must be those of this session. The volume given goes on counting.", 15, wrap=True
            )
        )
        self.column.addStretch(1)
        for entry in (self.scan, self.lot, self.expiry):
            entry.edited.connect(lambda _: self.changed())
            entry.confirmed.connect(self.save)
        self.setFocusProxy(self.scan)
        self.changed()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """What hangs now."""
        super().show_snapshot(snapshot)
        product = snapshot.session.product if snapshot.session is not None else None
        self._product = product
        words = f"Hangs now: {product.source_cell.value} exosomes, lot {product.lot}" if product is not None else ""
        set_text(self._now, words)

    def take_scan(self, raw: str) -> None:
        """A label was scanned anywhere in the window while this form is in front."""
        self.scan.set_text(raw)
        self.save()

    def is_complete(self) -> bool:
        """A scan, or lot and expiry."""
        return bool(self.scan.text()) or bool(self.lot.text() and self.expiry.text())

    def commands(self) -> Sequence[Command]:
        """One statement."""
        if self.scan.text():
            return (ChangeContainer(self.chair, self.by, raw=self.scan.text()),)
        source = self._product.source_cell if self._product is not None else None
        return (
            ChangeContainer(self.chair, self.by, source_cell=source, lot=self.lot.text(), expiry=self.expiry.text()),
        )

    def clear(self) -> None:
        """Nothing entered."""
        for entry in (self.scan, self.lot, self.expiry):
            entry.set_text("")
            entry.show_error("")
