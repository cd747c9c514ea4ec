"""Errors by whose fault they are. Anything that is neither of these is a bug and reaches the edge, where it is
logged and shown."""


class CommandRefused(Exception):
    """The person asked for something that cannot be done as asked: tell the person, in one sentence."""


class WristbandFirst(CommandRefused):
    """Nothing is wrong with it, but the wristband comes first: look at it, then ask for the same again."""


class EnvironmentFault(Exception):
    """The world failed (disk, port, file, clock): tell the person, and alarm when a session runs."""


class RecordDamaged(EnvironmentFault):
    """What stands in the record is not what was written. A patient is watched all the same, in a record beside it."""
