"""A titled panel: what belongs together stands in one frame."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ui.theme import Theme
from ui.widgets.aged import AgedLabel
from ui.widgets.text import SEMIBOLD, Elided, set_text


class Card(QFrame):
    """A panel with a small title at the left, a remark at the right, and `body`, a column for the content."""

    def __init__(
        self,
        theme: Theme,
        title: str = "",
        remark: str = "",
        *,
        outlined: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("outlined" if outlined else "card")
        self.theme = theme
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(10))
        self._column.setSpacing(theme.px(4))
        self._title = Elided(theme, title, 13, SEMIBOLD, role="dim")
        self._remark = AgedLabel(theme, remark)
        head = self._title_row = QHBoxLayout()
        head.setSpacing(theme.px(8))
        head.addWidget(self._title, 1)
        head.addWidget(self._remark)
        self._column.addLayout(head)
        self.body = QVBoxLayout()
        self.body.setSpacing(theme.px(4))
        self._column.addLayout(self.body, 1)
        self._title.setVisible(bool(title))
        self._remark.setVisible(bool(remark))

    def enlarge_remark(self) -> None:
        """The remark is an age: as large as those are. The title gives way to it; its end, the channel of a pump, is
        not cut."""
        self._remark.enlarge()
        self._title.keep_end(self.theme.px(11))

    def lower_title(self, below: int) -> None:
        """Small title and remark stand below so many rows of the body: a form's heading comes first."""
        self._column.removeItem(self._title_row)
        self.body.insertLayout(below, self._title_row)

    def set_title(self, text: str) -> None:
        """Change the title."""
        set_text(self._title, text)
        self._title.setVisible(bool(text))

    def set_remark(self, text: str) -> None:
        """Change the remark at the right of the title."""
        set_text(self._remark, text)
        self._remark.setVisible(bool(text))
