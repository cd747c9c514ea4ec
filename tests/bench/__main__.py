"""Runs the benches: `./run bench [NAME ...] [--json FILE]`; a bench is bench_NAME.py with `run() -> list[dict]`.

Without a name all of them, which takes hours: each prints its table, and stands in the file, as soon as it is done.
"""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import os
import platform
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
COLUMNS = ("name", "value", "unit", "against", "ratio", "target", "ok")

Row = Mapping[str, Any]
log = logging.getLogger(__name__)


def available() -> list[str]:
    """Names of the benches in this folder."""
    return sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def measure(name: str) -> list[Row]:
    """The rows of one bench; what a row leaves out is shown empty."""
    try:
        rows = importlib.import_module(f"tests.bench.bench_{name}").run()
    except Exception as cause:  # the edge of one bench: the others are measured all the same
        log.exception("%s could not be measured", name)
        rows = [{"name": f"{name} was not measured: {type(cause).__name__}: {cause}", "ok": False}]
    return [{column: row.get(column) for column in COLUMNS} for row in rows]


def as_table(rows: Iterable[Row]) -> str:
    """The rows under their headings, each column as wide as it needs."""
    cells = [list(COLUMNS), *([_shown(row[column]) for column in COLUMNS] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )


def _shown(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "NO"
        case float():
            return f"{value:.4g}"
        case _:
            return str(value)


def machine() -> dict[str, object]:
    """What the numbers were measured on, and how many tasks waited for its processors in the last minute."""
    told: dict[str, object] = {"system": platform.platform(), "processor": platform.machine()}
    told |= {"processors": os.cpu_count(), "python": platform.python_version()}
    if hasattr(os, "getloadavg"):
        told["load"] = os.getloadavg()[0]
    return told


def main(words: list[str]) -> int:
    """Measure, print, write; 0 when every target is met, 1 when not, 2 for an unknown name."""
    parser = argparse.ArgumentParser(prog="run bench", description="Measures the program against its targets.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(available()) or 'none yet'}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the rows there")
    asked = parser.parse_args(words)
    unknown = [name for name in asked.names if name not in available()]
    if unknown:
        print(f"No bench is called {unknown[0]}; there are: {', '.join(available()) or 'none'}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    for name in asked.names or available():
        found = measure(name)
        rows += found
        print(as_table(found), flush=True)
        if asked.json is not None:
            asked.json.write_text(json.dumps({"machine": machine(), "rows": rows}, indent=2) + "\n", encoding="utf-8")
    return 1 if any(row["ok"] is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
