"""A step that is made when it is opened gets its draft back, and that is nobody's edit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.test_drafts import Clinic
from ui.pages.prepare.steps import PREMED


@pytest.fixture
def clinic(qtbot: QtBot, tmp_path: Path) -> Iterator[Clinic]:
    made = Clinic(qtbot, tmp_path)
    yield made
    made.ends()


def test_what_was_recorded_stays_said_and_the_page_counts_as_untouched(clinic: Clinic):
    first = clinic.prepare()
    first.open_step(PREMED)
    premed = first.forms[PREMED]
    premed.answer.key("none ordered").click()  # type: ignore[attr-defined]
    clinic.written()
    again = clinic.prepare()
    again.say("Recorded 14:22:07")
    again.open_step(PREMED)
    assert "Draft from" in again.drafts.strip.words()
    assert (again.status(), again._steered) == ("Recorded 14:22:07", False)
    again.forms[PREMED].answer.key("none ordered").click()  # type: ignore[attr-defined]
    assert (again.status(), again._steered) == ("", True)
