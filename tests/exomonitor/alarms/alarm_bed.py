"""A manager with its clock, and what the alarm tests say to it."""

from exomonitor.alarms.limits import Priority, build_limits
from exomonitor.alarms.manager import AlarmManager
from exomonitor.alarms.tailored import Basis
from exomonitor.alarms.why_silent import why_silent
from exomonitor.clinical.protocol import load_protocol
from exomonitor.clock import ManualClock
from exomonitor.signals.quality import Origin, Validity
from exomonitor.signals.vitals import VitalReading

LIMITS = build_limits(load_protocol())
HIGH, MEDIUM, LOW = Priority.HIGH, Priority.MEDIUM, Priority.LOW


class Bedside:
    """A manager with its clock; every transition is kept."""

    def __init__(self, restored=(), **more):
        self.clock = ManualClock()
        self.manager = AlarmManager(LIMITS, "4", restored, **more)
        self.seen = []

    @property
    def now(self):
        return self.clock.now()

    def of(self, **basis):
        """The patient in the chair from now on."""
        self.seen += self.manager.tailor(Basis(**basis), self.now)

    def tell(self, sign, value, validity=None, origin=Origin.DEVICE, measured_at=None):
        how = validity or (Validity.VALID if value is not None else Validity.UNAVAILABLE)
        reading = VitalReading("monitor", sign, value, how, self.now, measured_at, origin)
        new = self.manager.on_vital(reading, self.now)
        self.seen += new
        return new

    def stream(self, sign, value, seconds, every=1.0, validity=None):
        """Tell the value now and again after each interval, for this many seconds."""
        self.tell(sign, value, validity)
        for _ in range(round(seconds / every)):
            self.clock.advance(every)
            self.tell(sign, value, validity)

    def wait(self, seconds):
        self.clock.advance(seconds)
        new = self.manager.tick(self.now)
        self.seen += new
        return new

    def technical(self, key, active, priority=MEDIUM, text="PUMP DATA LOST", delay_s=0.0, **more):
        new = self.manager.set_technical(key, active, priority, text, self.now, delay_s, **more)
        self.seen += new
        return new

    def acknowledge(self, key=None, by="RN"):
        new = self.manager.acknowledge(key, by, self.now)
        self.seen += new
        return new

    def view(self, key):
        return next((v for v in self.manager.views() if v.key == key), None)

    def standing(self, key):
        view = self.view(key)
        return (view.state, view.priority) if view else None

    def sound(self):
        return self.manager.sound(self.now)

    def why(self, key, **more):
        return why_silent(key, self.manager.picture(self.now), self.now, **more)

    def path(self, key):
        return [t.to_state.value for t in self.seen if t.key == key]
