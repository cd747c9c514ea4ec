"""The fixture that every alarm test stands on."""

import pytest

from tests.exomonitor.alarms.alarm_bed import Bedside


@pytest.fixture
def bed():
    return Bedside()
