"""Every condition that the engine can raise stands in the table, and the table holds nothing that nobody raises."""

import ast
from fnmatch import fnmatch
from pathlib import Path

import pytest

import exomonitor.engine
from exomonitor.alarms.catalogue import FIXED, Category, Declared, catalogue, declared, level_words
from exomonitor.alarms.missing import NO_VALUE, OFF, WEAK_KEY, no_value_key, off_key
from exomonitor.alarms.signs import DIFFER_KEY
from exomonitor.alarms.suppression import Suppression
from tests.exomonitor.alarms.alarm_bed import HIGH, LIMITS, LOW, MEDIUM

ENGINE = Path(exomonitor.engine.__file__).parent
CALLS = {"Condition", "condition", "set_technical", "note"}
SENSORS = {*map(off_key, OFF), *map(no_value_key, NO_VALUE), WEAK_KEY, DIFFER_KEY}
RELAYED = {"relayed:*"}


def raised():
    """The keys in the engine's own source: every condition it makes, with * for what is filled in."""
    found = {}
    for path in sorted(ENGINE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = {_name(n.targets[0]): n.value for n in tree.body if isinstance(n, ast.Assign)}
        named.pop("", None)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args and _name(node.func) in CALLS:
                key = _key(named.get(_name(node.args[0]), node.args[0]))
                if key:
                    found[key] = f"{path.name}:{node.lineno}"
    return found


def _name(node):
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _key(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)
    return ""


def row_of(key: str) -> Declared:
    """The row that declares this key."""
    row = declared(key)
    assert row is not None
    return row


def meets(raised_key, row):
    """Whether a key of the source (`*.lost`) and one of the table (`pump.lost`, `set.*`) can be the same."""
    return fnmatch(row, raised_key) or fnmatch(raised_key, row)


def test_every_condition_of_the_engine_is_declared():
    missing = {k: where for k, where in raised().items() if not any(meets(k, row.key) for row in FIXED)}
    assert missing == {}


def test_nothing_is_declared_that_nobody_raises():
    keys = {*raised(), *SENSORS, *RELAYED, "elsewhere:*"}
    idle = [row.key for row in FIXED if not row.helper and not any(meets(key, row.key) for key in keys)]
    assert idle == []


def test_sensors_and_relayed_alarms_are_declared():
    assert all(declared(key) is not None for key in SENSORS)
    assert row_of("relayed:pump:1:A12").category is Category.RELAYED
    assert row_of("set.+5").priorities == (LOW, MEDIUM)
    assert declared("nonsense") is None


def test_every_key_is_declared_once_and_every_row_is_whole():
    rows = catalogue(LIMITS)
    keys = [row.key for row in rows]
    assert len(keys) == len(set(keys))
    for row in rows:
        assert row.detector
        assert row.text
        assert row.priorities
        assert row.delay_s >= 0


def test_the_limits_are_in_the_table_with_all_their_levels():
    row = next(row for row in catalogue(LIMITS) if row.key == "spo2_low")
    assert row.category is Category.PHYSIOLOGICAL
    assert set(row.priorities) == {MEDIUM, HIGH}
    assert row.latching
    assert {Suppression.AWAY, Suppression.HELD, Suppression.CUFF, Suppression.NO_VALUE} <= set(row.suppressed_by)
    assert "< 94 % and down 4 points from baseline, NEWS2 scale 1, for 30 s, 3 samples: medium" in row.detector


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        (
            "nibp_sys_low",
            "HR or SpO₂",
            "< 90 mmHg or down 30 % from baseline with HR up 20/min or SpO₂ down 4 points: high",
        ),
        ("temp_high", "", "≥ 38 °C or up 1 °C from baseline, for 30 s, 3 samples: medium"),
        ("rr_high", "counted", "> 30/min, counted or typed: high"),
    ],
)
def test_a_level_is_told_in_words(key, text, words):
    limit = next(one for one in LIMITS if one.key == key and text in one.text)
    assert level_words(limit) == words


def test_what_latches_is_high_and_about_the_patient_or_a_lost_record_or_another_device():
    latching = {row.key for row in FIXED if row.latching}
    assert latching == {"anaphylaxis", "news2", "pump.wrong", "monitor.wrong", "record", "relayed:*"}


def test_the_text_of_every_limit_names_value_and_limit():
    assert all("{value}" in limit.text and "{limit}" in limit.text for limit in LIMITS)
