"""Every codec of the catalogue as its driver uses it: bytes in, frames out, and each frame's own bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from devices.monitors.ge_dri.wire import frames as ge_frames
from devices.monitors.hl7_pcd01.wire import messages as hl7_messages
from devices.monitors.hl7_pcd01.wire import mllp
from devices.monitors.masimo import wire as masimo
from devices.monitors.nellcor import wire as nellcor
from devices.monitors.nonin.wire import text as nonin_text
from devices.monitors.nonin.wire.frames import FrameReader
from devices.monitors.nonin.wire.short import SecondReader, SpotReader
from devices.monitors.philips_intellivue.wire import frames as philips_frames
from devices.pumps.alaris_asena import wire as alaris
from devices.pumps.bbraun_space import wire as bbraun
from devices.pumps.fresenius_base import wire as fresenius
from devices.pumps.harvard_ultra import wire as harvard
from devices.pumps.new_era import wire as new_era
from devices.spec import WireFault
from devices.wire.framing import Broken, Found, FrameCutter, Partial
from devices.wire.lines import LineCutter
from exomonitor.clock import Instant
from tests.conformance.dialogue import START

SHORTEST = 4
"""A frame of fewer bytes may stand anywhere by chance; link characters are not looked for."""


class Cutter(Protocol):
    """What the codecs have in common."""

    def dated(self, data: bytes, at: Instant) -> Iterable[tuple[bytes | WireFault, Instant]]: ...


class _Blocks:
    """HL7's cutter with blocks as payloads: only those that hold a message, as the driver judges them."""

    def __init__(self) -> None:
        self._cutter = mllp.BlockCutter()

    def dated(self, data: bytes, at: Instant) -> list[tuple[bytes | WireFault, Instant]]:
        out: list[tuple[bytes | WireFault, Instant]] = []
        for item in self._cutter.feed(data, at):
            if isinstance(item, WireFault):
                out.append((item, at))
            elif item.ended and not isinstance(hl7_messages.parse_message(item.data), hl7_messages.Malformed):
                out.append((item.data, at))
        return out


def plain(key: str, data: bytes) -> bytes:
    """What of these bytes the driver gives its codec."""
    return harvard.without_flow_control(data) if key == "harvard-ultra" else data


def _bare(key: str, raw: bytes) -> bytes:
    """Empty lines before an answer of Harvard's are no part of it."""
    return b"\n" + raw.lstrip(b"\n") if key == "harvard-ultra" else raw


def _frames(module: object) -> Callable[[], FrameCutter]:
    def make() -> FrameCutter:
        wire = vars(module)
        run_at = wire.get("run_at")
        return FrameCutter(wire["find_start"], wire["parse_at"], wire["MAX_RAW"], wire["PARTIAL_TIMEOUT_S"], run_at)

    return make


MAKERS: Mapping[str, Callable[[], FrameCutter | LineCutter | _Blocks]] = {
    "bbraun-space": _frames(bbraun),
    "new-era": _frames(new_era),
    "harvard-ultra": harvard.make_cutter,
    "alaris-asena": _frames(alaris),
    "fresenius-base": _frames(fresenius),
    "ge-dri": ge_frames.make_cutter,
    "philips-intellivue": philips_frames.make_cutter,
    "nonin/df2": lambda: FrameReader(wide=False).cutter(),
    "nonin/df7": lambda: FrameReader(wide=True).cutter(),
    "nonin/df8": lambda: SecondReader().cutter(),
    "nonin/df13": lambda: SpotReader().cutter(),
    "nonin/ascii": nonin_text.make_cutter,
    "masimo": masimo.make_cutter,
    "nellcor": nellcor.make_cutter,
    "hl7-pcd01": _Blocks,
}
"""By the name under which the device is chosen."""


IN_STEP_ONLY = frozenset({"nonin/df2", "nonin/df7"})
"""Nothing marks where these frames begin: one counts only beside another."""


@dataclass(slots=True)
class Cut:
    """One codec at work; `raws` are the frames found so far, each as it stood on the wire."""

    key: str
    raws: list[bytes] = field(default_factory=list)
    moments: list[Instant] = field(default_factory=list)
    """When the last byte of each came."""
    faults: list[WireFault] = field(default_factory=list)
    _cutter: Cutter = field(init=False)

    def __post_init__(self) -> None:
        cutter = MAKERS[self.key]()
        self._cutter = cutter
        if isinstance(cutter, LineCutter):
            cutter._run = None  # as below
        if isinstance(cutter, FrameCutter):
            cutter._run_at = None  # only for speed: a test holds that it changes nothing
            inner = cutter._judge

            def remembering(start: int, expire: Instant | None, *, quiet: bool) -> Found | Broken | Partial:
                found = inner(start, expire, quiet=quiet)
                if isinstance(found, Found):
                    self.raws.append(_bare(self.key, bytes(cutter._buffer[start : found.end])))
                return found

            cutter._judge = remembering  # type: ignore[method-assign]

    def feed(self, data: bytes, at: Instant = START) -> list[bytes]:
        """The payloads that these bytes complete."""
        found = list(self._cutter.dated(plain(self.key, data), at))
        self.faults += [item for item, _ in found if isinstance(item, WireFault)]
        payloads = [item for item, _ in found if isinstance(item, bytes)]
        self.moments += [when for item, when in found if isinstance(item, bytes)]
        if isinstance(self._cutter, LineCutter):
            self.raws += [payload + b"\r" for payload in payloads]
        elif isinstance(self._cutter, _Blocks):
            self.raws += [mllp.frame(payload) for payload in payloads]
        return payloads
