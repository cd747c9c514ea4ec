"""The clinic's protocol file: what is shipped, and what is said when a changed copy is wrong."""

import hashlib
from datetime import date
from decimal import Decimal
from importlib.resources import files

import pytest

from exomonitor.clinical.observations import DEFAULT_SCHEDULE
from exomonitor.clinical.protocol import DEFAULT_FILE, NOT_APPROVED, load_protocol, parse_protocol
from exomonitor.clinical.ranges import DEFAULT_RANGES, ENTRY_LIMITS
from exomonitor.clinical.rates import ramp_plan
from exomonitor.errors import EnvironmentFault

SHIPPED = (files("resources") / "protocols" / DEFAULT_FILE).read_bytes()


def changed(old: str, new: str) -> bytes:
    text = SHIPPED.decode()
    assert old in text
    return text.replace(old, new, 1).encode()


def test_the_shipped_protocol_agrees_with_the_defaults_of_the_code():
    protocol = load_protocol()
    assert protocol.ranges == DEFAULT_RANGES
    assert protocol.schedule == DEFAULT_SCHEDULE
    assert protocol.entry_limits == ENTRY_LIMITS


def test_the_shipped_protocol_says_that_nobody_approved_it():
    protocol = load_protocol()
    assert protocol.approval == NOT_APPROVED
    assert protocol.title == "“Exosome IV slow” v1.0"


def test_an_approved_protocol_names_who_and_when():
    data = changed('approved_by = ""', 'approved_by = "A. Example MD"')
    assert parse_protocol(data, "x").approval == "approved by A. Example MD"
    data = data.replace(b'approved_on = ""', b"approved_on = 2026-10-01")
    assert parse_protocol(data, "x").approval == "approved by A. Example MD on 2026-10-01"


def test_a_protocol_is_known_by_the_hash_of_its_bytes():
    assert load_protocol().sha256 == hashlib.sha256(SHIPPED).hexdigest()
    assert parse_protocol(SHIPPED + b"# a comment\n", "x").sha256 != load_protocol().sha256


def test_the_default_ramp_is_the_one_of_the_order_screen():
    plan = ramp_plan(Decimal(100), Decimal(45), load_protocol().ramp)
    assert [str(step.rate_ml_h) for step in plan.steps] == ["41.4", "82.8", "165.5"]


def test_the_fda_statement_stands_word_for_word_and_grows_old():
    fda = load_protocol().fda
    assert fda.full_text().startswith("“There are currently no FDA-approved exosome products.” (FDA public safety")
    assert not fda.is_old(date(2027, 5, 21))
    assert fda.is_old(date(2027, 5, 22))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("percent = 25", "percent = 250", "ramp.1.percent: Input should be less than or equal to 100"),
        ("threshold = 85", "threshold = 5", "alarm.2: threshold 5 is outside 75-99, the bounds for spo2"),
        ("dense_min = [5, 10, 15]", "dense_min = [10, 5]", "observations: dense_min must rise"),
        ("every_min = 15", "every_minutes = 15", "observations.every_min: Field required (and 1 more)"),
        ("ok = [1.0, 10.0]", "ok = [0.01, 10.0]", "order.dose_billions: ranges"),
        ("shortest_min = 30", "shortest_min = 90", "window: shortest_min must be below longest_min"),
        ('text = "SpO₂ low {value}', 'text = "SpO₂ low {worth}', "alarm.1: text may hold {value} and {limit} only"),
        ('key = "rr_low"', 'key = "hr_low"', "alarm: key hr_low is used for two signs"),
        (
            'threshold = 85\ninclusive = false\npriority = "high"',
            'threshold = 85\ninclusive = false\npriority = "low"',
            "alarm: a high-priority limit for spo2 low is missing",
        ),
        ('name = "Exosome IV slow"', "name = ", "Invalid value (at line 5"),
    ],
)
def test_a_wrong_protocol_is_refused_with_its_file_and_field(old, new, said):
    with pytest.raises(EnvironmentFault) as caught:
        parse_protocol(changed(old, new), "ours.toml")
    assert str(caught.value).startswith("Protocol ours.toml")
    assert said in str(caught.value)


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path):
    with pytest.raises(EnvironmentFault, match=r"none\.toml: cannot be read"):
        load_protocol(tmp_path / "none.toml")
    with pytest.raises(EnvironmentFault, match="not UTF-8 text at byte 0"):
        parse_protocol(b"\xff", "x")


def test_a_clinics_own_copy_is_read_from_its_path(tmp_path):
    own = tmp_path / "ours.toml"
    own.write_bytes(changed('version = "1.0"', 'version = "1.1"'))
    assert load_protocol(own).version == "1.1"
