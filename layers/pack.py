"""Packs a layer's folder as the archive that Lambda takes, the same bytes for the same files."""

import zipfile
from pathlib import Path

WRITTEN_AT = (1980, 1, 1, 0, 0, 0)
"""The time of every entry, the earliest that a zip can hold."""

_MODE = 0o100644 << 16


def pack(folder: Path, archive: Path) -> None:
    """Write every file below the folder to that archive, in order, readable by everybody."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written:
        for path in sorted(each for each in folder.rglob("*") if each.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), WRITTEN_AT)
            entry.external_attr = _MODE
            entry.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(entry, path.read_bytes())
