"""Pages of a stack that are made late: by keyboard they come where the stack is, not after everything else."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QWidget


class LateStack(QStackedWidget):
    """A stack whose pages are made when they are first wanted.

    Qt puts what is made late at the end of the window's order of Tab, and can only move single widgets in it; a window
    that holds such stacks goes by `step_focus` instead.
    """


def step_focus(stacks: Sequence[LateStack], *, forward: bool) -> bool:
    """Give the keyboard to the next widget that takes it, or to the one before; whether there was another one. The
    stacks are those in sight, all of one window; one may lie in another or over it."""
    window = stacks[0].window()
    here = window.focusWidget() or window
    order = _order(window, stacks)
    at = order.index(here)
    others = [*order[at + 1 :], *order[:at]]
    for one in others if forward else reversed(others):
        if _takes_tab(one, window) and not _same_place(here, one, forward=forward):
            one.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
            return True
    return False


def _order(window: QWidget, stacks: Sequence[LateStack]) -> list[QWidget]:
    """The window's order of Tab, with all that is in a stack right after it."""
    chain, one = [window], window.nextInFocusChain()
    while one is not None and one is not window:
        chain.append(one)
        one = one.nextInFocusChain()
    for stack in stacks:
        chain = _gathered(chain, stack)
    return chain


def _gathered(chain: list[QWidget], stack: LateStack) -> list[QWidget]:
    inside = [one for one in chain if stack.isAncestorOf(one)]  # the stack itself too: Qt counts it
    at = chain.index(stack)
    before, after = ([one for one in part if not stack.isAncestorOf(one)] for part in (chain[:at], chain[at:]))
    return [*before, *inside, *after]


def _takes_tab(one: QWidget, window: QWidget) -> bool:
    takes = one.focusPolicy() & Qt.FocusPolicy.TabFocus
    return bool(takes) and one.isEnabled() and one.isVisibleTo(window)


def _same_place(here: QWidget, other: QWidget, *, forward: bool) -> bool:
    """Whether one of the two only hands the keyboard on to the other, so that Tab would stay where it is."""
    return here.focusProxy() is other if forward else other.focusProxy() is here
