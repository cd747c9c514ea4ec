"""Backups on screen: listed, opened and verified first, put in place at the next start by an administrator."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from exomonitor.engine.backup_port import BackupFile, BackupLook
from exomonitor.errors import CommandRefused
from exomonitor.registry.users import ADMINISTRATOR, NURSE, User
from tests.ui import scenes
from tests.ui.fake_bedside import FakeBedside
from ui.bridge import Bridge
from ui.pages.backups import BackupsPage
from ui.theme import DARK

FOLDER = Path("/made/up/backups")
FILES = (
    BackupFile(FOLDER / "20260302T090000Z-0123abcd.sqlite3", "2026-03-02 09:00:00", 12.34),
    BackupFile(FOLDER / "other.sqlite3", "", 0.5),
)
LOOK = BackupLook(FILES[0].path, 1234, 3, "2026-03-02T08:59:00.000Z", 1200)
PEOPLE = {"a": User("a", "A. DEMO-ADMIN", (ADMINISTRATOR,)), "n": User("n", "N. DEMO-NURSE", (NURSE,))}


class Desk:
    """Backups that somebody made up."""

    told = ""

    def __init__(self) -> None:
        self.looks = {
            FILES[0].path: LOOK,
            FILES[1].path: replace(LOOK, path=FILES[1].path, why_not="It is newer here."),
        }
        self.plans: list[tuple[BackupLook, str]] = []
        self.made = 0

    def kept(self) -> tuple[BackupFile, ...]:
        return FILES

    def look(self, path: Path) -> BackupLook:
        if path not in self.looks:
            raise CommandRefused(f"There is no backup at {path}.")
        return self.looks[path]

    def make(self, folder: Path | None) -> str:
        self.made += 1
        return "A backup was made"

    def plan(self, look: BackupLook, by: str) -> None:
        self.plans.append((look, by))

    def planned(self) -> str:
        return self.plans[-1][0].path.name if self.plans else ""

    def forget(self) -> None:
        self.plans.clear()


def picture(by: str, *, running: bool = False):
    base = scenes.normal() if running else scenes.empty_chair()
    return replace(base, registry=replace(base.registry, users=PEOPLE), staff_id=by)


@pytest.fixture
def room(qtbot):
    bedside = FakeBedside(picture("a"))
    desk = bedside.backup_desk = Desk()
    bridge = Bridge(bedside)
    page = BackupsPage(bedside, bridge, DARK)
    qtbot.addWidget(page)
    page.resize(1298, 660)
    page.show()
    page.show_snapshot(bedside.latest())
    qtbot.waitUntil(lambda: page.model.rowCount() == 2)
    yield page, desk
    bridge.close()


def test_a_backup_is_opened_and_told_before_it_can_be_put_in_place(room, qtbot):
    page, desk = room
    assert not page.restore_key.isEnabled()
    page.table.selectRow(0)
    qtbot.waitUntil(page.restore_key.isEnabled)
    assert page.held.text().startswith("Intact. 1,234 entries, 3 sessions, the last entry of 2026-03-02")
    assert page.held.text().endswith("The present record holds 1,200.")
    page.restore_key.click()
    qtbot.waitUntil(lambda: "next start" in page.said.text())
    assert desk.plans == [(LOOK, "a")]
    assert page.forget_key.isVisible()
    page.forget_key.click()
    assert desk.plans == []


def test_why_one_is_not_put_in_place_is_said(room, qtbot):
    page, _ = room
    page.table.selectRow(1)
    qtbot.waitUntil(lambda: page.why.text() == "It is newer here.")
    page.table.selectRow(0)
    qtbot.waitUntil(page.restore_key.isEnabled)
    for snapshot, why in (
        (picture("n"), "An administrator signs in"),
        (picture("a", running=True), "A session is open"),
    ):
        page.show_snapshot(snapshot)
        assert why in page.why.text()
        assert not page.restore_key.isEnabled()


def test_one_elsewhere_is_opened_by_its_path_and_what_is_none_is_said(room, qtbot):
    page, _ = room
    page.path.set_text("/nowhere/x.sqlite3")
    page.path.confirmed.emit()
    qtbot.waitUntil(lambda: page.held.text() == "There is no backup at /nowhere/x.sqlite3.")
    assert not page.restore_key.isEnabled()


def test_one_is_made_on_demand(room, qtbot):
    page, desk = room
    page.make_key.click()
    qtbot.waitUntil(lambda: page.said.text() == "A backup was made")
    assert desk.made == 1


def test_where_another_program_records_nothing_is_offered(qtbot):
    bedside = FakeBedside(picture("a"))
    bridge = Bridge(bedside)
    page = BackupsPage(bedside, bridge, DARK)
    qtbot.addWidget(page)
    page.show_snapshot(bedside.latest())
    assert page.said.text() == "Another program records here: restore there."
    assert not page.make_key.isEnabled()
    bridge.close()
