"""A session that was taken up again works by its own protocol; the pages of the next one by the protocol in force."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.ui import scenes
from tests.ui.windows import Desk


@pytest.fixture
def desk(qtbot):
    made = Desk(qtbot, scenes.preparing())
    yield made
    made.close()


def test_another_protocol_in_force_makes_the_pages_of_the_preparation_anew(desk: Desk):
    before = desk.window.pages["prepare"]
    desk.show(scenes.preparing())
    desk.settle()
    assert desk.window.pages["prepare"] is before, "the same protocol: what was typed stays"
    other = replace(desk.bedside.protocol, name="Another protocol", sha256="1" * 64)
    desk.bedside._protocol = other
    desk.bedside.publish(scenes.preparing())
    desk.qtbot.waitUntil(lambda: desk.window.pages.get("prepare") not in {before, None})
    after = desk.window.pages["prepare"]
    assert desk.window.stack.currentWidget() is after
    assert "Another protocol" in after.order.proposal.text()  # type: ignore[attr-defined]
