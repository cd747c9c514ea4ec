"""`./run` prepares what is missing, once; is quiet after that; and never trusts a half-made environment."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# A base Python that only knows how to make environments, and the Python inside one: writes down what it is asked for.
FAKE_PYTHON = """#!/bin/sh
case "$*" in
"-m venv "*)
    echo "venv" >>"$FAKE_LOG"
    mkdir -p "$3/bin"
    cp "$0" "$3/bin/python" ;;
"-m pip "*)
    echo "pip ${*##*/}" >>"$FAKE_LOG"
    [ -z "${FAKE_PIP_FAILS-}" ] ;;
"-I -S "*) echo "3 11" ;;
"-c "*) ;;
*) echo "in $PWD:" "$@" ;;
esac
"""
FAKE_LDCONFIG = """#!/bin/sh
printf '%s\\n' "$FAKE_LIBRARIES"
"""
FAKE_APT = """#!/bin/sh
echo "apt $*" >>"$FAKE_LOG"
[ -z "${FAKE_APT_FAILS-}" ]
"""
ALL_LIBRARIES = (
    "libglib-2.0.so.0 libEGL.so.1 libGL.so.1 libdbus-1.so.3 libfontconfig.so.1 libxkbcommon.so.0 libxcb-cursor.so.0 "
    "libxcb-icccm.so.4 libxcb-keysyms.so.1 libxcb-shape.so.0 libxkbcommon-x11.so.0 libpulse.so.0"
)


@dataclass
class Machine:
    """A copy of the command on a machine whose tools only write down what they were asked."""

    root: Path
    tools: Path
    elsewhere: Path

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Call `run` from a foreign directory."""
        settings = {
            "PATH": f"{self.tools}:/usr/bin:/bin",
            "FAKE_LOG": str(self.log),
            "FAKE_LIBRARIES": ALL_LIBRARIES,
        }
        return subprocess.run(
            [str(self.root / "run"), *words],
            cwd=self.elsewhere,
            env=settings | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def bare(self) -> Path:
        """The tools and what a shell needs, without whatever else this computer happens to have."""
        for name in ("sh", "cat", "cmp", "cp", "dirname", "env", "flock", "mkdir", "mktemp", "mv", "readlink", "rm",
                     "tail", "uname"):  # fmt: skip
            if (found := shutil.which(name)) and not (self.tools / name).exists():
                (self.tools / name).symlink_to(found)
        return self.tools

    @property
    def log(self) -> Path:
        """Where the tools write."""
        return self.root / "log"

    def asked(self) -> list[str]:
        """What the tools were asked since the last call."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return lines


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with everything but an environment."""
    made = Machine(tmp_path / "a house", tmp_path / "tools", tmp_path / "else where")
    for folder in (made.root, made.tools, made.elsewhere):
        folder.mkdir()
    shutil.copy(ROOT / "run", made.root)
    shutil.copytree(ROOT / "requirements", made.root / "requirements")
    tools = {
        "python3": FAKE_PYTHON,
        "ldconfig": FAKE_LDCONFIG,
        "apt-get": FAKE_APT,
        "id": "#!/bin/sh\necho ${FAKE_USER-0}\n",
        "sudo": "#!/bin/sh\nexit 1\n",
        "pactl": "#!/bin/sh\n",
        "pulseaudio": "#!/bin/sh\n",
    }
    for name, text in tools.items():
        (made.tools / name).write_text(text)
        (made.tools / name).chmod(0o755)
    return made


def test_the_script_is_sound_posix_shell():
    assert subprocess.run(["sh", "-n", str(ROOT / "run")], check=False).returncode == 0


def test_the_first_run_makes_the_environment_and_the_second_is_quiet(machine):
    first = machine.run("watch", "ge-dri", "a port")
    assert machine.asked() == ["venv", "pip run.txt"]
    second = machine.run("watch", "ge-dri", "a port")
    assert machine.asked() == []
    assert second.stderr == ""
    assert first.stdout == second.stdout == f"in {machine.elsewhere}: {machine.root}/main.py watch ge-dri a port\n"


def test_no_word_starts_the_window(machine):
    assert machine.run().stdout == f"in {machine.elsewhere}: {machine.root}/main.py\n"


def test_tests_run_from_the_root_with_the_test_packages(machine):
    assert machine.run("test", "-k", "two words").stdout == f"in {machine.root}: -m pytest -k two words\n"
    assert machine.asked() == ["venv", "pip test.txt"]


def test_all_checks_are_made_and_those_that_fail_are_named(machine):
    whole = machine.run("test")
    where = f"in {machine.root}:"
    assert whole.returncode == 0
    assert whole.stdout.splitlines() == [
        "== ruff", f"{where} -m ruff check .", "== format", f"{where} -m ruff format --check .",
        "== pytest", f"{where} -m pytest -q -n 2 --dist worksteal", "== mypy", f"{where} -m mypy", "== layers",
        "== all checks passed",
    ]  # fmt: skip
    failing = '*mypy*) echo "x.py:1: error"; exit 1 ;;\n"-c "*) exit 1 ;;\n*) echo "in'
    (machine.root / ".venv/bin/python").write_text(FAKE_PYTHON.replace('"-c "*) ;;\n*) echo "in', failing))
    broken = machine.run("test")
    assert (broken.returncode, broken.stderr) == (1, "run: failed: mypy layers\n")
    assert "x.py:1: error" in broken.stdout
    assert "passed" not in broken.stdout


def test_a_run_that_is_ended_says_so_though_one_of_its_checks_had_ended_before(machine):
    machine.run("setup")
    # pytest ends the whole command when the checks beside it are over
    ends = FAKE_PYTHON.replace('*) echo "in', '"-m pytest"*) sleep 0.2; kill -TERM $PPID ;;\n*) echo "in')
    machine.run("test", "--version")
    (machine.root / ".venv/bin/python").write_text(ends)
    ended = machine.run("test")
    assert (ended.returncode, ended.stderr) == (130, "")


def test_what_the_tests_start_is_not_compiled_anew_each_time(machine):
    machine.run("setup")
    asks = FAKE_PYTHON.replace('echo "in $PWD:" "$@"', 'echo "${PYTHONDONTWRITEBYTECODE-unset}"')
    (machine.root / ".venv/bin/python").write_text(asks)
    assert machine.run("test", "-q", PYTHONDONTWRITEBYTECODE="1").stdout == "unset\n"


def test_the_test_packages_are_enough_for_the_program(machine):
    machine.run("test", "-q")
    machine.asked()
    machine.run("demo")
    assert machine.asked() == []


def test_encryption_installs_what_it_needs_once_and_the_tests_have_it(machine):
    machine.run("watch")
    machine.run("encrypt", "--help")
    assert machine.asked() == ["venv", "pip run.txt", "pip encrypted.txt"]
    machine.run("encrypt")
    machine.run("watch")
    assert machine.asked() == []
    machine.run("test", "-q")
    machine.asked()
    machine.run("decrypt")
    assert machine.asked() == []


def test_a_failed_installation_is_said_and_never_counts_as_done(machine):
    failed = machine.run("watch", FAKE_PIP_FAILS="1")
    assert failed.returncode == 1
    assert "could not be installed" in failed.stderr
    machine.asked()
    assert machine.run("watch").returncode == 0
    assert machine.asked() == ["venv", "pip run.txt"]


def test_a_changed_lock_is_installed_into_the_same_environment(machine):
    machine.run("watch")
    machine.asked()
    with (machine.root / "requirements/run.txt").open("a") as lock:
        lock.write("another==1.0\n")
    machine.run("watch")
    assert machine.asked() == ["pip run.txt"]
    machine.run("watch")
    assert machine.asked() == []


def test_a_failed_update_leads_to_a_fresh_environment(machine):
    machine.run("watch")
    (machine.root / "requirements/run.txt").write_text("another==1.0\n")
    machine.run("watch", FAKE_PIP_FAILS="1")
    machine.asked()
    machine.run("watch")
    assert machine.asked() == ["venv", "pip run.txt"]


def test_missing_system_libraries_are_installed_before_a_window_opens(machine):
    machine.run("demo", FAKE_LIBRARIES=ALL_LIBRARIES.replace("libpulse.so.0", "").replace("libEGL.so.1", ""))
    update, install = machine.asked()[:2]
    assert update.endswith("update")
    assert install.endswith("--no-install-recommends libegl1 libpulse0")


def test_the_tests_have_a_sound_server_of_their_own_installed(machine):
    (machine.tools / "pulseaudio").unlink()
    narrow = {"PATH": str(machine.bare())}
    machine.run("demo", **narrow)
    assert not [line for line in machine.asked() if line.startswith("apt")]
    machine.run("test", "-q", **narrow)
    assert [line for line in machine.asked() if line.endswith("--no-install-recommends pulseaudio")]


def test_what_cannot_be_installed_is_said_in_one_sentence_and_the_program_still_starts(machine):
    some = ALL_LIBRARIES.replace("libpulse.so.0", "")
    machine.run("demo")
    outcome = machine.run("demo", FAKE_LIBRARIES=some, FAKE_USER="1000")
    assert outcome.returncode == 0
    assert [line for line in outcome.stderr.splitlines() if line.endswith(": libpulse0")] == outcome.stderr.splitlines()


def test_words_without_a_window_need_no_system_library(machine):
    machine.run("demo", "--headless", FAKE_LIBRARIES="libc.so.6")
    assert machine.asked() == ["venv", "pip run.txt"]


def test_a_build_server_sees_a_failure_when_no_test_was_found(tmp_path):
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/run", tmp_path / ".ci/run")
    (tmp_path / "run").write_text("#!/bin/sh\nexit ${FAKE_CODE}\n")
    (tmp_path / "run").chmod(0o755)
    codes = [
        subprocess.run(
            ["bash", str(tmp_path / ".ci/run")], env=os.environ | {"FAKE_CODE": code}, capture_output=True, check=False
        ).returncode
        for code in ("0", "5")
    ]
    assert codes == [0, 1]


def test_the_windows_twin_is_stored_with_the_line_ends_that_cmd_needs():
    stored = (ROOT / "run.cmd").read_bytes()
    assert stored.count(b"\n") == stored.count(b"\r\n") > 0
