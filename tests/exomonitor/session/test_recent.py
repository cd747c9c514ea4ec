"""Answers are kept for the same objects, never for equal ones, and never more than a few."""

from __future__ import annotations

from functools import partial

import pytest

from exomonitor.session.recent import Recent


def test_the_same_objects_are_answered_once_and_equal_ones_anew():
    asked: list[str] = []
    recent: Recent[int] = Recent()

    def work_out(name: str) -> int:
        asked.append(name)
        return len(asked)

    one, other = ("a",), tuple(["a"])  # noqa: C409 - an equal object that is another one
    assert one == other
    assert one is not other
    assert [recent.answer(one, None, lambda: work_out("one")) for _ in range(3)] == [1, 1, 1]
    assert recent.answer(other, None, lambda: work_out("other")) == 2
    assert recent.answer(one, other, lambda: work_out("beside")) == 3
    assert asked == ["one", "other", "beside"]


def test_only_the_last_few_are_kept():
    recent: Recent[str] = Recent()
    objects = [(number,) for number in range(20)]
    for one in objects:
        assert recent.answer(one, None, partial(str, one)) == str(one)
    assert recent.answer(objects[-1], None, lambda: "worked out again") == "(19,)"
    assert recent.answer(objects[0], None, lambda: "worked out again") == "worked out again"


def test_what_cannot_be_worked_out_is_not_kept():
    recent: Recent[int] = Recent()
    key = ("x",)
    with pytest.raises(ZeroDivisionError):
        recent.answer(key, None, lambda: 1 // 0)
    assert recent.answer(key, None, lambda: 5) == 5
