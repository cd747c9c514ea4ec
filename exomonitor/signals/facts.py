"""The union of everything a device can tell the engine."""

from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.links import LinkChange, LinkFault
from exomonitor.signals.pump import PumpReading
from exomonitor.signals.vitals import VitalReading
from exomonitor.signals.waves import WaveChunk

DeviceFact = VitalReading | PumpReading | WaveChunk | RelayedAlarm | LinkChange | LinkFault
