"""One codec and its driver under a coverage-guided fuzzer, in a process of its own: `python -m tests.bench.fuzz_one`.

Words: KEY CORPUS_FOLDER, then libFuzzer's own. It ends with the process, as libFuzzer does.
"""

from __future__ import annotations

import importlib
import logging
import sys


def main(words: list[str]) -> None:
    """Instrument what reads bytes, then feed it."""
    atheris = importlib.import_module("atheris")  # not among the locked packages, and without types
    key, corpus, *rest = words
    with atheris.instrument_imports(include=["devices.wire", "devices.pumps", "devices.monitors"]):
        hostile = importlib.import_module("tests.conformance.hostile")
    logging.disable(logging.CRITICAL)
    atheris.Setup([sys.argv[0], corpus, *rest], lambda data: hostile.check(key, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
