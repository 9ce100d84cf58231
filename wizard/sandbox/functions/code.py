"""Function packages on disk: each zip is unpacked once into a folder of its own."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
import threading
import zipfile
from pathlib import Path


class CodeStore:
    """Unpacked packages by checksum; ``clear`` removes them all."""

    def __init__(self, workspace: Path) -> None:
        self._lock = threading.Lock()
        self._base = workspace / "code"
        self._folders: dict[str, Path] = {}

    def folder(self, sha: str, package: bytes) -> Path:
        """The folder that holds the package's files. A package that is no zip gives an empty folder."""
        with self._lock:
            if sha not in self._folders:
                self._folders[sha] = self._unpack(package)
            return self._folders[sha]

    def clear(self) -> None:
        """Remove every folder."""
        with self._lock:
            self._folders.clear()
            shutil.rmtree(self._base, ignore_errors=True)

    def _unpack(self, package: bytes) -> Path:
        self._base.mkdir(parents=True, exist_ok=True)
        target = Path(tempfile.mkdtemp(dir=self._base))
        try:
            with zipfile.ZipFile(io.BytesIO(package)) as archive:
                _extract(archive, target)
        except zipfile.BadZipFile:
            return target
        return target


def _extract(archive: zipfile.ZipFile, target: Path) -> None:
    """Write the regular files of the archive; a name that would leave the folder is left out."""
    root = target.resolve()
    for info in archive.infolist():
        place = (target / info.filename).resolve()
        if info.is_dir() or not place.is_relative_to(root):
            continue
        os.makedirs(place.parent, exist_ok=True)
        place.write_bytes(archive.read(info))
