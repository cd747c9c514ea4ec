"""Expiry, thaw, endotoxin load, source and lot of a product."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exomonitor.clinical.product import (
    Thaw,
    check_thaw,
    check_usable,
    count_method_note,
    endotoxin_load,
)
from exomonitor.clinical.ranges import DoseVerdict
from exomonitor.errors import CommandRefused
from exomonitor.units import rounded
from tests.exomonitor.clinical.shipped import RULES

VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text(encoding="utf-8"), parse_float=Decimal)
LIMIT = RULES.certificate.content.endotoxin_limit_eu_kg_h
ZONE = ZoneInfo("America/New_York")
EXPIRY = date(2026, 6, 30)
NOON = datetime(2026, 6, 30, 16, tzinfo=UTC)


def test_a_product_is_usable_through_its_expiry_date_in_the_clinic():
    last_second = datetime(2026, 7, 1, 3, 59, 59, tzinfo=UTC)  # 23:59:59 in the clinic
    assert check_usable(EXPIRY, None, last_second, ZONE).ok
    over = check_usable(EXPIRY, None, last_second + timedelta(seconds=1), ZONE)
    assert (over.ok, over.sentence) == (False, "EXPIRED on 2026-06-30: do not use")
    assert over.until == datetime(2026, 7, 1, 4, tzinfo=UTC)


def test_the_in_use_time_is_stricter_and_wins():
    until = NOON + timedelta(hours=1)
    assert check_usable(EXPIRY, until, until, ZONE).until == until
    over = check_usable(EXPIRY, until, until + timedelta(seconds=1), ZONE)
    assert (over.ok, over.sentence) == (False, "In-use time ended at 2026-06-30 13:00: do not use")


def test_an_in_use_time_after_the_expiry_date_does_not_lengthen_it():
    seen = check_usable(EXPIRY, NOON + timedelta(days=3), NOON, ZONE)
    assert seen.until == datetime(2026, 7, 1, 4, tzinfo=UTC)
    assert not check_usable(EXPIRY, NOON + timedelta(days=3), NOON + timedelta(days=1), ZONE).ok


def test_an_infusion_that_would_outlast_the_product_is_noticed_before_the_start():
    until = NOON + timedelta(minutes=30)
    assert check_usable(EXPIRY, until, NOON, ZONE, until).notice == ""
    seen = check_usable(EXPIRY, until, NOON, ZONE, until + timedelta(minutes=1))
    assert (seen.ok, seen.notice) == (
        True,
        "The product may be used until 12:30, the infusion would end after it",
    )


def test_a_time_without_a_zone_is_a_mistake_of_the_program():
    with pytest.raises(ValueError, match="without a zone"):
        check_usable(EXPIRY, None, datetime(2026, 6, 30, 12), ZONE)  # noqa: DTZ001 - the mistake itself


@given(st.datetimes(datetime(2026, 6, 25), datetime(2026, 7, 5)), st.none() | st.integers(-200, 200))  # noqa: DTZ001
def test_what_is_usable_now_was_usable_a_minute_ago(moment, hours):
    now = moment.replace(tzinfo=UTC)
    in_use = None if hours is None else NOON + timedelta(hours=hours)
    seen = check_usable(EXPIRY, in_use, now, ZONE)
    if seen.ok:
        assert check_usable(EXPIRY, in_use, now - timedelta(minutes=1), ZONE).ok
        assert now <= seen.until
    else:
        assert seen.sentence
        assert now >= seen.until


@pytest.mark.parametrize("v", VECTORS["endotoxin"], ids=lambda v: f"{v['eu_per_ml']}-{v['rate_ml_h']}-{v['kg']}")
def test_the_endotoxin_load(v):
    load = endotoxin_load(Decimal(v["eu_per_ml"]), Decimal(v["rate_ml_h"]), Decimal(v["kg"]), LIMIT)
    assert rounded(load.eu_kg_h, 3) == v["eu_per_kg_h"]
    assert load.ok is v["ok"]
    assert ("ABOVE" in load.sentence) is not v["ok"]


@given(st.integers(1, 300_0))
def test_exactly_the_limit_is_within_it_at_any_weight(tenths):
    weight = Decimal(tenths) / 10
    assert endotoxin_load(Decimal(5), weight, weight, LIMIT).ok
    assert not endotoxin_load(Decimal("5.0001"), weight, weight, LIMIT).ok


@pytest.mark.parametrize("numbers", [(1, 100, 0), (-1, 100, 70), (1, -1, 70)])
def test_an_endotoxin_load_of_nonsense_is_refused(numbers):
    with pytest.raises(CommandRefused):
        endotoxin_load(Decimal(numbers[0]), Decimal(numbers[1]), Decimal(numbers[2]), LIMIT)


GOOD_THAW = Thaw(NOON, NOON + timedelta(minutes=10), NOON + timedelta(hours=4), 1, True, True)


def thaw(**changes) -> Thaw:
    values = {name: getattr(GOOD_THAW, name) for name in Thaw.__dataclass_fields__}
    return Thaw(**{**values, **changes})


@pytest.mark.parametrize(
    ("changes", "verdict", "said"),
    [
        ({"appearance_ok": False}, DoseVerdict.REJECT, "does not look right"),
        ({"temperature_log_ok": False}, DoseVerdict.REJECT, "quarantined"),
        ({"complete_at": NOON - timedelta(minutes=1)}, DoseVerdict.REJECT, "taken from storage"),
        ({"in_use_until": NOON}, DoseVerdict.REJECT, "before the thaw is complete"),
        ({"cycles": -1}, DoseVerdict.REJECT, "below 0"),
        ({"cycles": 2}, DoseVerdict.OVERRIDE, "Thawed 2 times"),
        ({"cycles": None}, DoseVerdict.OVERRIDE, "number of thaws"),
        ({"in_use_until": None}, DoseVerdict.OVERRIDE, "in-use time"),
    ],
)
def test_what_is_wrong_with_a_thaw(changes, verdict, said):
    (check,) = check_thaw(thaw(**changes))
    assert check.verdict is verdict
    assert said in check.message


def test_a_good_thaw_has_nothing_to_say():
    assert check_thaw(GOOD_THAW) == ()


def test_counts_of_different_methods_carry_a_note():
    assert count_method_note(None, "NTA") == ""
    assert count_method_note("NTA", "nta ") == ""
    assert "cannot be compared" in count_method_note("NTA", "nanoFCM")
    assert "not recorded" in count_method_note("NTA", None)
