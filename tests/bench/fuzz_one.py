"""One codec and its driver, or one parser of what comes from elsewhere, under a coverage-guided fuzzer, in a process
of its own: `python -m tests.bench.fuzz_one`.

Words: KEY CORPUS_FOLDER (of a parser the key is `untrusted NAME`), then libFuzzer's own. It ends with the process, as
libFuzzer does.
"""

from __future__ import annotations

import importlib
import logging
import sys
import tempfile
from pathlib import Path

UNTRUSTED = "untrusted "


def main(words: list[str]) -> None:
    """Instrument what reads bytes, then feed it."""
    atheris = importlib.import_module("atheris")  # not among the locked packages, and without types
    key, corpus, *rest = words
    if key.startswith(UNTRUSTED):
        with atheris.instrument_imports(include=["exomonitor", "devices.transport", "devices.simulation"]):
            untrusted = importlib.import_module("tests.exomonitor.untrusted")
        target = untrusted.TARGETS[key.removeprefix(UNTRUSTED)]

        def one(data: bytes) -> None:
            with tempfile.TemporaryDirectory() as name:
                untrusted.refused_or_read(target, data, Path(name))
    else:
        with atheris.instrument_imports(include=["devices.wire", "devices.pumps", "devices.monitors"]):
            hostile = importlib.import_module("tests.conformance.hostile")

        def one(data: bytes) -> None:
            hostile.check(key, data)

    logging.disable(logging.CRITICAL)
    atheris.Setup([sys.argv[0], corpus, *rest], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
