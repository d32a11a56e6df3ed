"""What a built layer weighs, and how many copies of urllib3 are in it."""

from dataclasses import dataclass
from pathlib import Path

from layers.build import FOLDER, LAMBDA, PYTHON_FOLDER

LIMIT_MEGABYTES = 100
"""The bound of the dependency layer; Lambda allows 250 MB for the function and all its layers."""

_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Size:
    """`bytes` is the sum of all file lengths; `urllib3` names each copy, which must be one."""

    bytes: int
    urllib3: tuple[str, ...]

    @property
    def megabytes(self) -> float:
        """The size in MB of 1,000,000 bytes."""
        return self.bytes / _MEGABYTE


def measure(folder: Path = FOLDER / LAMBDA.name) -> Size:
    """Return what a layer's folder holds, the deployed dependency layer's if none is given.

    A copy is any installed distribution or package whose name begins with urllib3, as a fork does
    that takes its place.

    Raises:
        FileNotFoundError: when it has not been built; run `make layers`.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is missing; run `make layers`")
    files = [each for each in folder.rglob("*") if each.is_file()]
    packages = (each.name for each in (folder / PYTHON_FOLDER).glob("urllib3*"))
    copies = {name.removesuffix(".dist-info").partition("-")[0] for name in packages}
    return Size(sum(each.stat().st_size for each in files), tuple(sorted(copies)))
