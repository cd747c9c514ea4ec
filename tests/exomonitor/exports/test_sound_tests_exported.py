"""The sound tests of a session are in its export, though they stand in the journal of the database."""

from __future__ import annotations

import json

from exomonitor.exports.report_audit import alarm_facts
from exomonitor.exports.session_json import session_json
from exomonitor.registry.sound_tests import SoundTested
from exomonitor.session.entry import Entry
from tests.exomonitor.exports.made_up_session import NURSE, SESSION, STATION, Script, whole_session


def of_session(script: Script, seq: int, during: str, *, heard: bool) -> Entry:
    event = SoundTested("4", full=False, heard=heard, during=during)
    return Entry(seq, "", seq, script.clock.now(), "Europe/Vienna", NURSE, STATION, event, f"{seq:064x}")


def test_the_report_and_the_json_tell_the_sound_tests_of_this_session_alone(made_of, monkeypatch):
    script = whole_session(reactions=0)
    known = [
        of_session(script, 901, SESSION, heard=False), of_session(script, 903, SESSION, heard=True),
        of_session(script, 905, "another", heard=True), of_session(script, 907, "", heard=True),
    ]  # fmt: skip
    monkeypatch.setattr(script.archive, "registry_entries", lambda: known)
    material = made_of(script)
    told = dict(alarm_facts(material))["Sound test"]
    assert told.count("short") == 2
    assert "NOT HEARD (u-31); " in told
    assert told.endswith("short, heard (u-31)")
    found = json.loads(session_json(material))["sound_tests"]
    assert [(one["seq"], one["heard"], one["by"]) for one in found] == [(901, False, NURSE), (903, True, NURSE)]


def test_a_session_without_one_says_that_none_is_recorded(made_of):
    assert dict(alarm_facts(made_of(whole_session(reactions=0))))["Sound test"] == "not recorded"
