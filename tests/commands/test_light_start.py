"""Nothing heavy is imported before the opening is painted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("pydantic", "sqlalchemy", "numpy", "pyqtgraph", "serial", "platformdirs", "tzlocal", "zoneinfo", "socket")


def test_main_display_and_opening_bring_none_of_the_heavy_modules_with_them():
    code = (
        "import sys, main, ui.display, ui.opening\n"
        "main.build_parser(main.COMMANDS).parse_args([])\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_commands_of_devices_bring_nothing_of_the_record_with_them():
    """A third of a second of the processor's instead of one, each time that somebody looks at a port."""
    heavy = ("sqlalchemy", "exomonitor.records", "exomonitor.engine")
    code = f"import sys, devices.commands\nprint(*[name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_command_looks_seldom_for_garbage_and_not_at_its_end():
    code = (
        "import atexit, gc, os, runpy, sys\n"
        "threads = 'OPENBLAS_NUM_THREADS'\n"
        "os.environ.pop(threads, None)\n"
        "atexit.register(lambda: print(gc.get_threshold()[0], gc.get_freeze_count() > 10_000, os.environ[threads]))\n"
        "sys.argv = ['main.py', 'devices']\n"
        "runpy.run_path('main.py', run_name='__main__')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "20000 True 1"
