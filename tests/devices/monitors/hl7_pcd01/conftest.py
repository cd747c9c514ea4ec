"""A driver that has just been opened."""

import pytest

from devices.monitors.hl7_pcd01.driver import Hl7Pcd01Driver
from exomonitor.clock import ManualClock


@pytest.fixture
def driver(clock: ManualClock) -> Hl7Pcd01Driver:
    driver = Hl7Pcd01Driver("cart")
    driver.opened(clock.now())
    return driver
