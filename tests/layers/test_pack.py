import os
import zipfile
from pathlib import Path

from layers.pack import pack


def write_files(folder: Path, *, names: tuple[str, ...], at: int) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
        os.utime(folder / name, (at, at))
    return folder


def test_the_archive_does_not_depend_on_the_times_of_the_files(tmp_path: Path) -> None:
    names = ("python/b.py", "python/a/c.py")
    first = write_files(tmp_path / "first", names=names, at=1_000_000_000)
    second = write_files(tmp_path / "second", names=names[::-1], at=1_700_000_000)

    pack(first, tmp_path / "first.zip")
    pack(second, tmp_path / "second.zip")

    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()


def test_an_archive_has_every_file_at_its_path_and_readable(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "layer", names=("python/a/c.py",), at=1_000_000_000)
    (folder / "python" / "a" / "c.py").chmod(0o600)

    pack(folder, tmp_path / "layer.zip")

    with zipfile.ZipFile(tmp_path / "layer.zip") as archive:
        assert [("python/a/c.py", 0o644)] == [
            (each.filename, each.external_attr >> 16 & 0o777) for each in archive.infolist()
        ]
        assert b"python/a/c.py" == archive.read("python/a/c.py")
