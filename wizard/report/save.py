"""Writing a report to a file: wholly or not at all."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path


def save(text: str, file: str | Path) -> Path:
    """Writes `text` as UTF-8 beside the final name, then renames; returns the absolute path.

    The file is readable by its owner only: a report may still tell more than its writer thinks.

    Raises:
        OSError: no such folder, a full disk, no right to write, or something else than a file has that name: a folder,
            a device, a symbolic link, which is never followed. An older file is then left as it was.
    """
    target = _target(file)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".report-", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return target


def _target(file: str | Path) -> Path:
    """The absolute path of a file that may be written or replaced. Raises OSError."""
    try:
        target = Path(file).expanduser().absolute()
        about = os.lstat(target)
    except FileNotFoundError:
        return target
    except (RuntimeError, ValueError) as error:  # nobody of that name has a home; a NUL in the name
        raise OSError(errno.EINVAL, "not the name of a file") from error
    if stat.S_ISDIR(about.st_mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(target))
    if stat.S_ISLNK(about.st_mode):
        raise OSError(errno.ELOOP, "it is a symbolic link, and none is followed", str(target))
    if not stat.S_ISREG(about.st_mode):
        raise OSError(errno.EINVAL, "it is no file but a device or a pipe", str(target))
    return target
