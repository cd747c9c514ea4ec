"""A record that cannot be opened: why stands in the window until it is answered, and monitoring can go on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer

from exomonitor.assembly import assemble
from exomonitor.clock import ManualClock
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.lease import take_lease
from exomonitor.records.beside import FOLDER
from exomonitor.registry.users import UserAdded
from exomonitor.session.commands import AddNote, OpenSession
from exomonitor.session.parts.handover import SignIn
from exomonitor.session.parts.people import AddUser
from exomonitor.session.trust_events import HeadSigned, PeopleTakenOver
from exomonitor.settings import Settings, load_settings, save_settings
from tests.exomonitor.station_bench import do
from tests.ui.image_compare import as_pixels
from ui.opening import WORDS, Opening, show_opening
from ui.start_refused import NOTICE, TITLE, UNWATCHED, RefusedStart, begin


@pytest.fixture
def opening(qtbot) -> Opening:
    shown = show_opening()
    qtbot.addWidget(shown)
    return shown


def make(settings, path):
    return assemble(ManualClock(), path, "ExoMonitor test", simulated=False, chair=settings.seats, watched=False)


def soon(act) -> None:
    QTimer.singleShot(0, act)


def page_of(opening: Opening) -> RefusedStart:
    (page,) = opening.findChildren(RefusedStart)
    return page


def press(opening: Opening, which: str) -> None:
    soon(lambda: getattr(page_of(opening), which).click())


def damage(data: Path, kind: str = "UserAdded") -> bytes:
    """One bit of an entry, by default about a person; the bytes of the file afterwards."""
    station = make(Settings(), data / "clinic.sqlite3")
    sealed = station.seal_pin("719350").result(5)
    nurse = do(station, AddUser("1", "", "N. DEMO-FIRST", ("administrator", "nurse"), sealed)).answer
    do(station, SignIn("1", "", station.prove(nurse, "719350").result(5).token))
    do(station, OpenSession("1", nurse))
    do(station, AddNote("1", nurse, "made-up note"))  # the end of the record is whole
    station.close()
    with closing(sqlite3.connect(data / "clinic.sqlite3", isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER journal_no_update").close()
        connection.execute("UPDATE journal SET body = '[' || substr(body, 2) WHERE type = ?", (kind,)).close()
    return (data / "clinic.sqlite3").read_bytes()


def test_a_whole_record_is_simply_opened(opening, tmp_path):
    begun = begin(opening, tmp_path, make)
    begun.station.close()
    assert begun.notice == ""
    assert (tmp_path / "clinic.sqlite3").exists()
    assert not (tmp_path / FOLDER).exists()


@pytest.mark.expects_log("is empty: the record that it held is lost")
def test_why_it_is_refused_stands_in_the_window_until_it_is_closed(opening, tmp_path, qtbot):
    (tmp_path / "clinic.sqlite3").write_bytes(b"")
    seen: list[str] = []

    def look() -> None:
        page = page_of(opening)
        assert opening.isVisible()
        seen.append(opening.accessibleName())
        assert as_pixels(opening.grab().toImage()).max() > 200
        qtbot.keyClick(page.close_it, Qt.Key.Key_Return)

    soon(look)
    with pytest.raises(EnvironmentFault, match="the record that it held is lost"):
        begin(opening, tmp_path, make)
    (said,) = seen
    assert said.startswith(TITLE)
    assert "Restore it from a backup." in said
    assert said.endswith(UNWATCHED)
    assert "the record that it held is lost" in (tmp_path / "exomonitor.log").read_text()
    assert (tmp_path / "clinic.sqlite3").read_bytes() == b""
    assert not (tmp_path / FOLDER).exists()


@pytest.mark.expects_log("is empty")
def test_closing_the_window_is_an_answer(opening, tmp_path):
    (tmp_path / "clinic.sqlite3").write_bytes(b"")
    soon(opening.close)
    with pytest.raises(EnvironmentFault):
        begin(opening, tmp_path, make)


@pytest.mark.expects_log("Entry .* of the record cannot be read|monitoring goes on in a new record")
def test_with_one_flipped_bit_monitoring_goes_on_in_a_new_record_beside_it(opening, tmp_path):
    save_settings(tmp_path, Settings(station="bay-7"))
    damaged = damage(tmp_path)
    press(opening, "go_on")
    begun = begin(opening, tmp_path, make)
    begun.station.close()
    assert begun.notice == NOTICE
    assert begun.settings.station == "bay-7"
    assert load_settings(tmp_path / FOLDER).station == "bay-7"
    assert (tmp_path / FOLDER / "clinic.sqlite3").exists()
    assert (tmp_path / "clinic.sqlite3").read_bytes() == damaged
    assert opening.accessibleName().endswith(WORDS)  # until the window stands
    take_lease(tmp_path / "clinic.sqlite3", "recover", "now").close()  # whoever mends it gets at it


@pytest.mark.expects_log("Entry .* of the record cannot be read|monitoring goes on in a new record")
def test_an_open_session_that_cannot_be_read_keeps_nobody_from_watching(opening, tmp_path):
    damage(tmp_path, "SessionOpened")
    press(opening, "go_on")
    begun = begin(opening, tmp_path, make)
    begun.station.close()
    assert begun.notice == NOTICE
    take_lease(tmp_path / "clinic.sqlite3", "recover", "now").close()


@pytest.mark.expects_log("Entry .* of the record cannot be read|monitoring goes on in a new record")
def test_the_people_of_the_damaged_record_sign_in_to_the_new_one_with_their_pin(opening, tmp_path):
    damage(tmp_path, "SessionOpened")
    press(opening, "go_on")
    station = begin(opening, tmp_path, make).station
    nurse = station.prove("N. DEMO-FIRST", "719350").result(5)
    do(station, SignIn("1", "", nurse.token))
    do(station, OpenSession("1", nurse.user))
    entries = station.archive.registry_entries((UserAdded, PeopleTakenOver))
    signed = station.archive.entries("")
    station.close()
    added, told = (entry.event for entry in entries)
    assert isinstance(added, UserAdded)
    assert isinstance(told, PeopleTakenOver)
    assert (added.name, added.roles, added.badge_digest) == ("N. DEMO-FIRST", ("nurse", "administrator"), "")
    assert (told.source, told.people) == ("clinic.sqlite3", 1)
    assert any(isinstance(entry.event, HeadSigned) and entry.event.why == "PeopleTakenOver" for entry in signed)
    again = make(Settings(), tmp_path / FOLDER / "clinic.sqlite3")  # they are there now, and are not taken over twice
    assert len(again.archive.registry_entries((PeopleTakenOver,))) == 1
    again.close()


@pytest.mark.expects_log("no key in the lock|nor here")
def test_where_no_other_record_can_be_made_that_is_said_as_well(opening, tmp_path):
    asked: list[Path] = []

    def refusing(settings, path):
        asked.append(path)
        raise CommandRefused("no key in the lock." if len(asked) == 1 else "nor here.")

    def second() -> None:
        page = opening.findChildren(RefusedStart)[-1]
        assert page.go_on is None
        page.close_it.click()

    def then() -> None:
        first = page_of(opening)
        assert first.go_on is not None
        first.go_on.click()
        soon(second)

    soon(then)
    with pytest.raises(EnvironmentFault, match="nor here"):
        begin(opening, tmp_path, refusing)
    assert asked == [tmp_path / "clinic.sqlite3", tmp_path / FOLDER / "clinic.sqlite3"]


@pytest.mark.expects_log("the record cannot be opened|KeyError|monitoring goes on in a new record")
def test_an_error_of_the_program_itself_does_not_close_the_window_either(opening, tmp_path):
    def failing(settings, path):
        if path.parent == tmp_path:
            raise KeyError("made up")
        return make(settings, path)

    press(opening, "go_on")
    begun = begin(opening, tmp_path, failing)
    begun.station.close()
    assert begun.notice == NOTICE
