"""Who saw what: every way around a rule is found among the overrides, each entry in words."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exomonitor.access_log import ACCESS, KINDS, Access, accesses
from exomonitor.clock import ManualClock
from exomonitor.registry.holds import HoldLifted
from exomonitor.registry.lot_events import QuarantineLifted
from exomonitor.registry.users import UserAdded, UserChanged
from exomonitor.session.entry import Entry, Event
from exomonitor.session.events import GateOverridden
from exomonitor.session.parts.alarm_limits import AlarmLimitsSet
from exomonitor.session.parts.course import DoseTimingAccepted
from exomonitor.session.parts.double_check import SingleNurseAccepted
from exomonitor.session.parts.supply import PreparedDoseAccepted
from exomonitor.session.parts.wristband import EnteredBeforeWristband

STAFF = {"u-1": ("R. DEMO-OKAFOR", "nurse"), "u-2": ("Dr DEMO-LINDQVIST", "prescriber")}
WHY = "a made-up reason"
OVERRIDES = [
    GateOverridden("baseline", WHY),
    DoseTimingAccepted("u-2", "", WHY),
    SingleNurseAccepted(WHY),
    PreparedDoseAccepted(Decimal(4), Decimal(5), "u-2", WHY),
    EnteredBeforeWristband(),
    AlarmLimitsSet({"hr_low": 40}, {}, "u-2", "prescriber", WHY),
    HoldLifted("p-7", (), "u-2", WHY),
    QuarantineLifted("LOT-1", "u-2", WHY),
]


def told(event: Event) -> Access:
    entry = Entry(7, "", 1, ManualClock().now(), "UTC", "u-1", "bay-1", event, "00")
    (line,) = accesses([entry], STAFF)
    return line


@pytest.mark.parametrize("event", OVERRIDES, ids=lambda event: type(event).__name__)
def test_every_way_around_a_rule_is_an_override_in_words(event):
    line = told(event)
    assert type(event) in ACCESS
    assert line.kind == "overrides"
    assert line.who == "R. DEMO-OKAFOR"
    assert line.what != type(event).__name__
    assert WHY in line.what or isinstance(event, EnteredBeforeWristband)


def test_the_list_is_whole():
    assert {type(event) for event in OVERRIDES} == set(KINDS["overrides"])


def test_the_other_person_and_the_patient_are_named():
    assert told(DoseTimingAccepted("u-2", "", WHY)).whom == "Dr DEMO-LINDQVIST"
    lifted = told(HoldLifted("p-7", (), "u-2", WHY))
    assert (lifted.patient, lifted.whom) == ("p-7", "Dr DEMO-LINDQVIST")


def test_accounts_are_told_in_words():
    assert told(UserAdded("u-2", ("prescriber",))).what == "Account made: prescriber"
    assert told(UserChanged("u-2", retired=True)).what == "Account changed: account ended"
    assert told(UserChanged("u-2", pin_hash="x", badge_changed=True)).what == (
        "Account changed: another PIN, no badge any more"
    )
