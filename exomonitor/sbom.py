"""What the program is made of, as CycloneDX JSON: every locked package with its hashes, fonts, Python itself."""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from exomonitor import __version__
from exomonitor.errors import EnvironmentFault

LOCK = Path(__file__).resolve().parents[1] / "requirements" / "run.txt"
FONTS = Path(__file__).resolve().parents[1] / "resources" / "fonts"
_ENTRY = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?:\s*;\s*([^\\\n]+?))?\s*\\?$", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def sbom() -> str:
    """The list as text. Raises EnvironmentFault where the lock file is not there."""
    try:
        lock = LOCK.read_text(encoding="utf-8")
    except OSError as cause:
        raise EnvironmentFault(f"{LOCK} cannot be read: {cause.strerror or cause}") from cause
    application = {"type": "application", "name": "exomonitor", "version": __version__, "bom-ref": "exomonitor"}
    listed = [*packages(lock), *_fonts(), {"type": "platform", "name": "python", "version": platform.python_version()}]
    whole = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": application},
        "components": listed,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False)


def packages(lock: str) -> Iterator[dict[str, Any]]:
    """One component for each locked package; `installed`: the version that runs here, where it does."""
    found = list(_ENTRY.finditer(lock))
    for place, entry in enumerate(found):
        name, version, marker = entry[1], entry[2], entry[3] or ""
        until = found[place + 1].start() if place + 1 < len(found) else len(lock)
        told = {"installed": _installed(name), "only where": marker}
        yield {
            "type": "library",
            "name": name,
            "version": version,
            "purl": f"pkg:pypi/{name.lower().replace('_', '-')}@{version}",
            "hashes": [{"alg": "SHA-256", "content": one} for one in _HASH.findall(lock[entry.end() : until])],
            "properties": [{"name": f"exomonitor:{key}", "value": value} for key, value in told.items() if value],
        }


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _fonts() -> Iterator[dict[str, Any]]:
    for path in sorted([*FONTS.glob("*.otf"), *FONTS.glob("*.ttf")]):
        yield {"type": "file", "name": path.name}
