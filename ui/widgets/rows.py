"""Widgets side by side in one line."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.theme import Theme


def row_of(theme: Theme, *widgets: QWidget, spacing: int = 10) -> QWidget:
    """One widget that holds these in equal parts."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.px(spacing))
    for widget in widgets:
        row.addWidget(widget, 1)
    return holder
