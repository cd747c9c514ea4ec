"""The mark of the newest program: by it a helper whose own screen is gone sees that another one has taken its place."""

from __future__ import annotations

import logging
import os
import secrets
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mark:
    """A file that bears the sign of the program that was started last."""

    path: Path
    sign: str

    def words(self) -> list[str]:
        """How the helper is told of it."""
        return ["--mark", str(self.path), "--sign", self.sign]

    def replaced(self) -> bool:
        """Whether a newer program has put its own sign there; a file that is gone or cannot be read says nothing."""
        try:
            found = self.path.read_text("ascii")
        except (OSError, ValueError):
            return False
        return found not in {"", self.sign}


def private_folder() -> Path:
    """Where marks are kept: the user's own folder for running programs. OSError where it is not the user's alone."""
    given = os.environ.get("XDG_RUNTIME_DIR")
    user = str(os.getuid()) if hasattr(os, "getuid") else "user"
    folder = Path(given) / "exomonitor" if given else Path(tempfile.gettempdir()) / f"exomonitor-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if hasattr(os, "getuid"):
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise PermissionError(f"{folder} is not private")
    return folder


def leave_mark(chair: str, *, simulated: bool, folder: Path | None = None) -> Mark | None:
    """Put a new sign into the file of this chair; None where that is not possible: then only time ends an orphan."""
    kind = "demo" if simulated else "chair"
    name = f"{kind}-{chair.encode().hex() or 'none'}"
    mark: Mark | None = None
    try:
        mark = Mark((private_folder() if folder is None else folder) / name, secrets.token_hex(8))
        fresh = mark.path.with_name(f"{name}.{mark.sign}")
        fresh.write_text(mark.sign, "ascii")
        fresh.replace(mark.path)
    except OSError as cause:
        log.warning("no mark for the sound helper: %s", cause)
        return None
    return mark
