"""Whatever a driver hands out to be sent, in whichever test, passes its catalogue entry's may_send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial, wraps
from typing import Any

import pytest

from devices.catalogue import CATALOGUE
from devices.spec import DeviceSpec

May = Callable[[bytes], bool]


def driver_class(spec: DeviceSpec) -> Any:
    """The class behind the SPEC's make_driver."""
    maker: Any = spec.make_driver
    while isinstance(maker, partial):
        maker = maker.func
    assert isinstance(maker, type)
    return maker


def watched(method: Callable[..., bytes | None], key: str, allowed: tuple[May, ...]) -> Callable[..., bytes | None]:
    """`method` as it is, with a look at each frame that it gives."""

    @wraps(method)
    def look(*args: Any, **kwargs: Any) -> bytes | None:
        frame = method(*args, **kwargs)
        assert frame is None or any(may(frame) for may in allowed), f"{key} wanted to send {frame!r}"
        return frame

    return look


def watch(patch: pytest.MonkeyPatch, spec: DeviceSpec) -> None:
    """Watch every driver of this family."""
    allowed = tuple(one.may_send for one in (spec.formats.values() or (spec,)))
    driver: Any = driver_class(spec)
    for name in ("due", "closing"):
        if hasattr(driver, name):
            patch.setattr(driver, name, watched(getattr(driver, name), spec.key, allowed))


@pytest.fixture(autouse=True, scope="session")
def drivers_only_read() -> Iterator[None]:
    """Every driver of the catalogue is watched while these tests run; a link asks may_send by itself."""
    with pytest.MonkeyPatch.context() as patch:
        for spec in CATALOGUE.values():
            watch(patch, spec)
        yield
