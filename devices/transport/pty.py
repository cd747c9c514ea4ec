"""The device's side of a pseudo-terminal: a real port for any program, behind a path that stays when the port goes."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import shutil
import tempfile
from pathlib import Path

from devices.spec import TransportLost
from exomonitor.errors import EnvironmentFault

with contextlib.suppress(ImportError):  # Windows has none; PtyServer says so
    import tty

READ_SIZE = 65536
KEPT_BYTES = 1 << 16
"""A client that does not read loses what exceeds this many bytes, as on a wire without handshake."""


class PtyServer:
    """Serves one pseudo-terminal. `port` is a link of constant name; replug() points it at a new one."""

    def __init__(self, label: str = "port", path: Path | None = None) -> None:
        """`path`: where to make the link; by default in a private folder of its own."""
        self._label = label
        self._path = path
        self._folder: Path | None = None
        self._master: int | None = None
        self._held = bytearray()
        self.delivered = 0
        """Bytes that went into the terminal for a client that was there."""

    @property
    def name(self) -> str:
        """The path that a client opens."""
        return self.port

    @property
    def port(self) -> str:
        """The path that a client opens; raises TransportLost before open()."""
        if self._path is None:
            raise TransportLost("the pseudo-terminal is not open yet")
        return str(self._path)

    @property
    def held(self) -> int:
        """Bytes written that the terminal has not taken yet."""
        return len(self._held)

    def open(self) -> None:
        """Make the terminal and the link; raises EnvironmentFault where there are no pseudo-terminals."""
        if not hasattr(os, "openpty"):
            raise EnvironmentFault("This system has no pseudo-terminals: use --tcp HOST:PORT")
        if self._master is None:
            self.replug()

    def read(self, timeout_s: float) -> bytes:
        """Bytes that the client sent; b"" also while no client is there."""
        master = self._opened()
        self._push(master)
        ready, _, _ = select.select([master], [], [], max(0.0, timeout_s) if self.has_client() else 0.0)
        if not ready:
            return b""
        try:
            return os.read(master, READ_SIZE)
        except OSError as cause:
            if cause.errno in (errno.EIO, errno.EAGAIN):  # EIO: no client has the terminal open
                return b""
            raise TransportLost(f"the pseudo-terminal failed: {cause}") from cause

    def write(self, data: bytes) -> None:
        """Bring `data` to the client; lost when no client is there."""
        master = self._opened()
        if not self.has_client():
            self._held.clear()
            return
        self._held += data
        del self._held[:-KEPT_BYTES]
        self._push(master)

    def has_client(self) -> bool:
        """Whether a program has the terminal open."""
        if self._master is None:
            return False
        poll = select.poll()
        poll.register(self._master, select.POLLOUT)
        return not any(event & select.POLLHUP for _, event in poll.poll(0))

    def unplug(self) -> None:
        """Close the terminal and remove the link: the client sees its port vanish."""
        if self._master is not None:
            os.close(self._master)
            self._master = None
        self._held.clear()
        if self._path is not None and self._path.is_symlink():
            self._path.unlink()

    def replug(self) -> None:
        """Make a new terminal and point the link at it."""
        master, slave = os.openpty()
        try:
            tty.setraw(slave)
            os.set_blocking(master, False)
            self._point_link_at(os.ttyname(slave))
        except OSError as cause:
            os.close(master)
            raise EnvironmentFault(f"The pseudo-terminal cannot be made: {cause}") from cause
        finally:
            os.close(slave)
        self._master = master

    def close(self) -> None:
        """Close the terminal, remove the link and its folder; may be called twice."""
        self.unplug()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = self._path = None

    def _opened(self) -> int:
        if self._master is None:
            raise TransportLost(f"{self._path or self._label} has gone")
        return self._master

    def _push(self, master: int) -> None:
        while self._held:
            try:
                taken = os.write(master, self._held)
            except BlockingIOError:
                return
            except OSError as cause:
                raise TransportLost(f"the pseudo-terminal failed: {cause}") from cause
            self.delivered += taken
            del self._held[:taken]

    def _point_link_at(self, terminal: str) -> None:
        if self._path is None:
            self._folder = Path(tempfile.mkdtemp(prefix="exomonitor-"))
            self._path = self._folder / self._label
        beside = self._path.with_name(self._path.name + ".new")
        beside.unlink(missing_ok=True)
        beside.symlink_to(terminal)
        beside.replace(self._path)
