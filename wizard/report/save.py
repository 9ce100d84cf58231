"""Writing a report to a file: wholly or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def save(text: str, file: str | Path) -> Path:
    """Writes `text` as UTF-8 beside the final name, then renames; returns the absolute path.

    The file is readable by its owner only: a report may still tell more than its writer thinks.

    Raises:
        OSError: no such folder, a full disk, no right to write. An older file is then left as it was.
    """
    target = Path(file).expanduser().absolute()
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        os.replace(temporary, target)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
    return target
