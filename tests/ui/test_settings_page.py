"""The settings page: the protocol in force, how old its statement is, and the sound test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from exomonitor.engine.snapshot import AudioView
from exomonitor.session.parts.sound_test import RecordSoundTest
from tests.ui import scenes
from tests.ui.fake_bedside import FakeBedside
from tests.ui.fake_sounds import Sounds
from ui.bridge import Bridge
from ui.pages.settings import SettingsPage, amber, checked_words, protocol_rows
from ui.theme import DARK, LIGHT


@pytest.fixture
def bedside() -> FakeBedside:
    return FakeBedside(scenes.empty_chair())


@pytest.fixture
def page(qtbot, bedside) -> Iterator[SettingsPage]:
    bridge = Bridge(bedside)
    made = SettingsPage(bedside, bridge, DARK)
    qtbot.addWidget(made)
    made.show()
    made.show_snapshot(scenes.empty_chair())
    yield made
    bridge.close()


def test_the_protocol_is_named_with_its_approval_and_fingerprint(bedside):
    rows = dict(protocol_rows(bedside.protocol))
    assert rows["Name, version"] == bedside.protocol.title
    assert rows["Approved"] == bedside.protocol.approval
    assert bedside.protocol.sha256[:16] in rows["Fingerprint"]


def test_a_statement_older_than_its_limit_is_amber_and_says_so(page, bedside):
    fda = bedside.protocol.fda
    now = scenes.NOW
    ahead = (fda.checked_on - now.utc.date()).days + fda.recheck_after_days + 5
    late = replace(now, utc=now.utc + timedelta(days=ahead))
    page.show_snapshot(replace(scenes.empty_chair(), now=late))
    assert "check again" in page.checked.text()
    assert amber(DARK) in page.checked.styleSheet()
    page.show_snapshot(replace(scenes.empty_chair(), now=replace(now, utc=late.utc - timedelta(days=30))))
    assert page.checked.styleSheet() == ""
    assert "check again" not in checked_words(bedside.protocol, fda.checked_on)


def test_the_sound_test_plays_three_and_asks(page, bedside):
    sounds = Sounds()
    assert not page.test_key.isEnabled()
    page.use_sounder(sounds)
    page.test_key.click()
    assert sounds.played == [True]
    assert page.answer.isVisible()
    page.answer.key("no").click()
    assert sounds.answers == [False]
    assert "NO SOUND" in page.said.text()
    page.answer.key("yes").click()
    assert sounds.answers == [False, True]
    assert [(one.full, one.heard) for one in bedside.submitted if isinstance(one, RecordSoundTest)] == [
        (True, False), (True, True)
    ]  # fmt: skip


def test_whether_this_computer_tells_its_volume_is_said(page):
    page.use_sounder(Sounds())
    assert "only proof" in page.mixer_words.text()
    page.use_sounder(Sounds(tells_volume=True))
    assert "tells when it is muted" in page.mixer_words.text()


def test_without_a_sound_device_it_says_so_and_does_not_ask(page):
    page.use_sounder(Sounds(works=False))
    page.test_key.click()
    assert not page.answer.isVisible()
    assert "no sound" in page.said.text()


def test_no_sound_is_said_with_its_reason(page):
    page.show_snapshot(replace(scenes.empty_chair(), audio=AudioView(False, "no sound device")))
    assert page.sound_words.text() == "NO SOUND: no sound device"


def test_another_look_is_asked_for(page, qtbot):
    with qtbot.waitSignal(page.theme_wanted) as wanted:
        page.look.key("light").click()
    assert wanted.args == ["light"]


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_amber_letters_can_be_read(theme):
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    brighter, darker = sorted((light(amber(theme)), light(theme.panel)), reverse=True)
    assert (brighter + 0.05) / (darker + 0.05) >= 4.5
