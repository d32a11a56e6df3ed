"""Packs a layer's folder into a zip archive for Lambda, reproducibly."""

import zipfile
from pathlib import Path

WRITTEN_AT = (1980, 1, 1, 0, 0, 0)
"""The time of every entry: the earliest that zip supports."""

_MODE = 0o100644 << 16


def pack(folder: Path, archive: Path) -> None:
    """Write every file below the folder to the archive, sorted by path and world-readable.

    The same files give the same bytes.
    """
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zip_file:
        for path in sorted(each for each in folder.rglob("*") if each.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), WRITTEN_AT)
            entry.external_attr = _MODE
            entry.compress_type = zipfile.ZIP_DEFLATED
            zip_file.writestr(entry, path.read_bytes())
