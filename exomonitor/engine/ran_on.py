"""Whether a pump infused all through a silence, as far as its own counter can prove it."""

from __future__ import annotations

from exomonitor.signals.pump import PumpReading, PumpStatus

COUNTER_STEP_ML = 0.1
"""The coarsest counter of a pump that is read."""
SLACK_S = 10.0
"""The two reports may be as much farther from or nearer to each other than what they tell of."""


def ran_on(before: PumpReading, after: PumpReading) -> bool:
    """Whether the counter rose by what the rate gives in the time between these two, within one step of the counter and
    ten seconds of the rate.

    A counter holds what the pump believes that it gave at the rate that is set: however far the true flow is off, it
    drifts against rate times time by the two clocks alone, a fraction of a second in an hour. So no share of the time
    is allowed, for in one a bag could be changed. Where the silence gave no more than twice what is allowed, a counter
    that stood for half of it would pass: that proves nothing."""
    if not before.status is after.status is PumpStatus.INFUSING:
        return False
    if before.serial and after.serial and before.serial != after.serial:
        return False
    rate = before.rate_ml_h if before.rate_ml_h is not None else before.rate_set_ml_h
    was, counts = before.volume_infused_ml, after.volume_infused_ml
    if rate is None or was is None or counts is None:
        return False
    due_ml = rate * after.at.since(before.at) / 3600
    slack_ml = COUNTER_STEP_ML + rate * SLACK_S / 3600
    return due_ml > 2 * slack_ml and abs(counts - was - due_ml) <= slack_ml
