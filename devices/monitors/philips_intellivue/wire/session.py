"""Association: how a computer asks a monitor to talk, and how either ends it. The first byte says which message."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum

from devices.monitors.philips_intellivue.wire import codes
from devices.monitors.philips_intellivue.wire.fields import (
    Attributes,
    Malformed,
    Reader,
    decode_attributes,
    encode_attributes,
    u32,
)


class Session(IntEnum):
    """The first byte of a message that is about the association itself."""

    RELEASE = 0x09
    RELEASED = 0x0A
    REFUSED = 0x0C
    ASSOCIATE = 0x0D
    ACCEPTED = 0x0E
    ABORT = 0x19


DATA = 0xE1
"""The first byte of every other message."""

# Options of the extended poll.
NUMERICS_1_S = 0x8000_0000
WAVES_EXTENDED = 0x0800_0000

CLIENT, MONITOR = 0x8000_0000, 0x0080_0000

_LONG = 0xFF
_SESSION_DATA = bytes.fromhex("0508130100160102800014020002")
_PRESENTATION = 0xC1
_ASK_HEADER = bytes.fromhex(
    "3180a0808001010000a280a003000001a480308002010106045201000130800602510100000000308002010206"
    "0c2a8648ce14020100000001013080060c2a8648ce140201000000020100000000000061803080020101a0806080"
    "a180060c2a8648ce14020100000003010000be802880060c2a8648ce140201000000010102010281"
)
_ACCEPT_HEADER = bytes.fromhex(
    "3180a0808001010000a280a003000001a58030808001008102510100003080800100810c2a8648ce140201000000"
    "02010000000061803080020101a0806180a180060c2a8648ce14020100000003010000a203020100a305a1030201"
    "00be80288002010281"
)
_USER_MARKS = (b"\xbe\x80\x28\x80\x02\x01\x02\x81", b"\xbe\x80\x28\x80\x81")
_TRAILER = bytes(16)

_BARE = {
    Session.RELEASE: bytes.fromhex("18c11661803080020101a08062808001000000000000000000"),
    Session.RELEASED: bytes.fromhex("18c11661803080020101a08063808001000000000000000000"),
    Session.ABORT: bytes.fromhex(
        "2e110103c129a080a0803080020101060251010000000061803080020101a080648080010100000000000000000000"
    ),
    # Nobody has shown us a refusal whole; whoever reads one looks at its first byte alone.
    Session.REFUSED: bytes.fromhex("0101"),
}


@dataclass(frozen=True, slots=True)
class PollProfile:
    """What polls are to be like: shortest period in ticks of 125 us, largest messages in bytes, options."""

    min_period: int = codes.TICKS_PER_S
    mtu_receive: int = 1364
    mtu_send: int = 1364
    bandwidth: int = 0xFFFF_FFFF
    options: int = 0x6000_0000
    extended: int | None = NUMERICS_1_S | WAVES_EXTENDED
    """Options of the extended poll; None: it is not offered."""
    revision: int = 0x8000_0000

    @property
    def timeout_s(self) -> float:
        """After so many seconds without a word from the computer the monitor ends the association."""
        period_s = self.min_period / codes.TICKS_PER_S
        if period_s < 3.3:
            return 10.0
        return 3 * period_s if period_s <= 43 else 130.0


@dataclass(frozen=True, slots=True)
class UserInfo:
    """The part of an association message that has a choice in it. `others`: profiles that we only carry."""

    poll: PollProfile = field(default_factory=PollProfile)
    system: int = CLIENT
    start_up: int = 0x2000_0000
    others: tuple[tuple[int, bytes], ...] = ()
    protocol: int = 0x8000_0000
    nomenclature: int = 0x4000_0000
    functional_units: int = 0


def associate(user: UserInfo) -> bytes:
    """The message by which a computer asks for an association."""
    return _enveloped(Session.ASSOCIATE, _ASK_HEADER, user)


def accept(user: UserInfo) -> bytes:
    """The monitor's answer."""
    return _enveloped(Session.ACCEPTED, _ACCEPT_HEADER, user)


def bare(kind: Session) -> bytes:
    """A release, its answer, an abort or a refusal: nothing in them is to choose."""
    return bytes([kind]) + _BARE[kind]


def session_kind(payload: bytes) -> Session | None:
    """Which association message this is; None for any other, and for one whose length is wrong."""
    try:
        reader = Reader(payload)
        kind = Session(reader.u8())
        length = _length(reader)
    except ValueError:
        return None
    return kind if length == reader.left else None


def read_request(payload: bytes) -> UserInfo | None:
    """What a computer asks for; None unless this is an association request, whole and of the usual form."""
    if session_kind(payload) is not Session.ASSOCIATE:
        return None
    try:
        user = _user(payload, payload.find(_ASK_HEADER), len(_ASK_HEADER))
    except Malformed:
        return None
    return user if user is not None and associate(user) == payload else None


def read_accept(payload: bytes) -> UserInfo | None:
    """What the monitor grants; None where it cannot be found, which does not make the answer less of a yes."""
    for mark in _USER_MARKS:
        at = payload.find(mark)
        if at >= 0:
            try:
                return _user(payload, at, len(mark))
            except Malformed:
                return None
    return None


def granted(asked: UserInfo, extended: int) -> UserInfo:
    """What a monitor answers that offers these options of the extended poll."""
    wanted = asked.poll.extended
    poll = replace(asked.poll, extended=None if wanted is None else wanted & extended)
    return replace(asked, poll=poll, system=MONITOR)


# --- the envelope ---------------------------------------------------------------------------------------------------


def _length(reader: Reader) -> int:
    length = reader.u8()
    return reader.u16() if length == _LONG else length


def _lengthened(data: bytes) -> bytes:
    if len(data) < _LONG:
        return bytes([len(data)]) + data
    return bytes([_LONG]) + len(data).to_bytes(2, "big") + data


def _enveloped(kind: Session, header: bytes, user: UserInfo) -> bytes:
    info = _encode_user(user)
    size = bytes([len(info)]) if len(info) < 0x80 else b"\x82" + len(info).to_bytes(2, "big")
    inner = header + size + info + _TRAILER
    return bytes([kind]) + _lengthened(_SESSION_DATA + bytes([_PRESENTATION]) + _lengthened(inner))


def _user(payload: bytes, at: int, mark: int) -> UserInfo | None:
    if at < 0:
        return None
    reader = Reader(payload[at + mark :])
    size = reader.u8()
    if size & 0x80:
        size = int.from_bytes(reader.take(size & 0x7F), "big")
    return _decode_user(Reader(reader.take(size)))


def _encode_user(user: UserInfo) -> bytes:
    head = u32(user.protocol, user.nomenclature, user.functional_units, user.system, user.start_up)
    profiles = {codes.POLL_PROFILE: _encode_poll(user.poll), **dict(user.others)}
    return head + encode_attributes({}) + encode_attributes(profiles)


def _decode_user(reader: Reader) -> UserInfo:
    protocol, nomenclature, functional_units, system, start_up = (reader.u32() for _ in range(5))
    decode_attributes(reader)
    profiles = decode_attributes(reader)
    poll = profiles.pop(codes.POLL_PROFILE, None)
    if poll is None:
        raise Malformed("has no poll profile")
    others = tuple(profiles.items())
    return UserInfo(_decode_poll(Reader(poll)), system, start_up, others, protocol, nomenclature, functional_units)


def _encode_poll(poll: PollProfile) -> bytes:
    packages: Attributes = {}
    if poll.extended is not None:
        packages = {codes.POLL_PROFILE_EXT: u32(poll.extended) + encode_attributes({})}
    head = u32(poll.revision, poll.min_period, poll.mtu_receive, poll.mtu_send, poll.bandwidth, poll.options)
    return head + encode_attributes(packages)


def _decode_poll(reader: Reader) -> PollProfile:
    revision, min_period, receive, send, bandwidth, options = (reader.u32() for _ in range(6))
    packages = decode_attributes(reader)
    extended = packages.get(codes.POLL_PROFILE_EXT)
    wanted = None if extended is None else Reader(extended).u32()
    return PollProfile(min_period, receive, send, bandwidth, options, wanted, revision)
