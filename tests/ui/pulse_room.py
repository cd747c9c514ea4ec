"""A private PulseAudio with a sink that goes nowhere: what the product plays can be recorded and measured."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from exomonitor.clock import stopwatch

PROGRAMS = ("pulseaudio", "pactl", "parec")
RATE_HZ = 44_100
START_S = 20.0
_SETUP = """load-module module-native-protocol-unix auth-anonymous=1 socket={socket}
load-module module-null-sink sink_name=proof rate=44100
set-default-sink proof
"""


def missing() -> list[str]:
    """The programs that this computer lacks; `./run test` installs them where it may."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


@dataclass(frozen=True, slots=True)
class PulseRoom:
    """A running daemon. `environment`: what a process needs to play into it and nowhere else."""

    folder: Path
    environment: dict[str, str]

    def ask(self, *words: str) -> str:
        """What pactl answers."""
        done = subprocess.run(
            ["pactl", *words], env=self.environment, capture_output=True, text=True, timeout=30, check=True
        )
        return done.stdout.strip()

    @contextmanager
    def recording(
        self, sink: str = "proof", latency_ms: int = 50
    ) -> Iterator[Callable[[float], npt.NDArray[np.float64]]]:
        """Records what the sink plays; call it with seconds to have so much more of it, as parts of full scale."""
        process = subprocess.Popen(
            ["parec", f"--device={sink}.monitor", f"--rate={RATE_HZ}", "--channels=1", "--format=s16le",
             f"--latency-msec={latency_ms}"],
            env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert process.stdout is not None
        pipe = process.stdout

        def take(seconds: float) -> npt.NDArray[np.float64]:
            found = pipe.read(2 * round(seconds * RATE_HZ))
            return np.frombuffer(found, dtype="<i2").astype(np.float64) / 32768

        try:
            take(0.2)  # from here on it records
            yield take
        finally:
            process.kill()
            process.wait()
            pipe.close()


@contextmanager
def pulse_room() -> Iterator[PulseRoom]:
    """Starts the daemon and ends it. Its socket needs a short path: a folder of its own, private to the user."""
    with ExitStack() as ending:
        folder = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="exo-pulse-")))
        socket = folder / "native"
        (folder / "setup.pa").write_text(_SETUP.format(socket=socket))
        foreign = ("PULSE_", "DISPLAY", "WAYLAND_DISPLAY", "DBUS_", "XDG_RUNTIME_DIR", "PIPEWIRE_")
        own = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        environment = own | {
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "PULSE_RUNTIME_PATH": str(folder),
            "PULSE_STATE_PATH": str(folder),
            "PULSE_SERVER": f"unix:{socket}",
            "QT_QPA_PLATFORM": "offscreen",
        }
        daemon = subprocess.Popen(
            ["pulseaudio", "-n", "-F", str(folder / "setup.pa"), "--daemonize=no", "--exit-idle-time=-1",
             "--use-pid-file=no", "--realtime=no", "--high-priority=no"],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        ending.callback(_end, daemon)
        _until_it_answers(daemon, environment)
        yield PulseRoom(folder, environment)


def _until_it_answers(daemon: subprocess.Popen[bytes], environment: dict[str, str]) -> None:
    until_s = stopwatch() + START_S
    while stopwatch() < until_s and daemon.poll() is None:
        said = subprocess.run(["pactl", "info"], env=environment, capture_output=True, timeout=START_S, check=False)
        if said.returncode == 0:
            return
        try:
            daemon.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError(f"the private sound server did not start (code {daemon.poll()})")


def _end(daemon: subprocess.Popen[bytes]) -> None:
    daemon.terminate()
    try:
        daemon.wait(10)
    except subprocess.TimeoutExpired:
        daemon.kill()
        daemon.wait()
