"""What a screen reader finds in a window: every control with its name, and what the keyboard reaches."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QPlainTextEdit, QWidget

_ROLES = {
    QAccessible.Role.Button,
    QAccessible.Role.CheckBox,
    QAccessible.Role.RadioButton,
    QAccessible.Role.EditableText,
    QAccessible.Role.Table,
    QAccessible.Role.List,
    QAccessible.Role.Slider,
    QAccessible.Role.ComboBox,
}


def controls(window: QWidget) -> Iterator[QAccessibleInterface]:
    """Everything in sight that takes the keyboard or does something, from the accessibility tree."""
    root = QAccessible.queryAccessibleInterface(window)
    assert root is not None
    for one in _below(root):
        state = one.state()
        if not state.invisible and (state.focusable or one.role() in _ROLES):
            yield one


def _below(interface: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    for place in range(interface.childCount()):
        child = interface.child(place)
        if child is not None and child.isValid():
            yield child
            yield from _below(child)


def nameless(window: QWidget) -> list[str]:
    """Controls that a screen reader has no name for."""
    return [
        f"{type(one.object()).__name__} {one.role()}"
        for one in controls(window)
        if not one.text(QAccessible.Text.Name).strip()
    ]


def beyond_the_keyboard(window: QWidget) -> list[str]:
    """Keys and entries in sight that Tab never comes to, though nothing else leads to them either."""
    reached = set(_tab_round(window))
    groups = {w.group() for w in reached if isinstance(w, QAbstractButton) and w.group() is not None}
    found = []
    for widget in window.findChildren(QWidget):
        if not isinstance(widget, QAbstractButton | QLineEdit | QPlainTextEdit) or not widget.isVisible():
            continue
        if not widget.isEnabled() or widget in reached or widget.focusPolicy() is Qt.FocusPolicy.NoFocus:
            continue
        if isinstance(widget, QAbstractButton) and widget.group() in groups:
            continue  # the arrows lead to the other keys of a choice
        found.append(f"{type(widget).__name__} {widget.accessibleName()!r}")
    return found


def without_focus(window: QWidget) -> set[str]:
    """Names of keys in sight that take no keyboard at all: each must have a key of its own."""
    return {
        key.accessibleName()
        for key in window.findChildren(QAbstractButton)
        if key.isVisible() and key.focusPolicy() is Qt.FocusPolicy.NoFocus
    }


def _tab_round(window: QWidget) -> Iterator[QWidget]:
    """Round and round, forwards (Tab) and backwards (Shift+Tab)."""
    for step in (window.focusNextChild, window.focusPreviousChild):
        first = window.focusWidget()
        for _ in range(400):
            step()
            here = window.focusWidget()
            if here is None:
                break
            yield here
            if here is first:
                break
