"""Measures a built layer: its size, and the number of copies of urllib3 in it."""

from dataclasses import dataclass
from pathlib import Path

from layers.build import LAMBDA, PYTHON_FOLDER
from layers.paths import FOLDER

LIMIT_MEGABYTES = 100
"""The limit for the dependency layer. Lambda allows 250 MB for a function and all its layers."""

_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class LayerSize:
    """`bytes` is the sum of all file sizes; `urllib3` names each copy; there must be only one."""

    bytes: int
    urllib3: tuple[str, ...]

    @property
    def megabytes(self) -> float:
        """The size in MB (1,000,000 bytes)."""
        return self.bytes / _MEGABYTE


def measure(folder: Path = FOLDER / LAMBDA.name) -> LayerSize:
    """Return the size of a layer's folder, by default of the deployed dependency layer.

    A copy of urllib3 is any installed distribution or package whose name starts with urllib3. This
    includes forks that replace it.

    Raises:
        FileNotFoundError: the folder has not been built.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is missing. Build it with `make layers`.")
    files = [each for each in folder.rglob("*") if each.is_file()]
    packages = (each.name for each in (folder / PYTHON_FOLDER).glob("urllib3*"))
    copies = {name.removesuffix(".dist-info").partition("-")[0] for name in packages}
    return LayerSize(sum(each.stat().st_size for each in files), tuple(sorted(copies)))
