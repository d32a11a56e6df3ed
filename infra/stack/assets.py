"""Where the code of layers and functions comes from."""

from dataclasses import dataclass
from pathlib import Path

from aws_cdk import IgnoreMode
from aws_cdk import aws_lambda as lambda_

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Assets:
    """The folders of both layers, as `python -m layers` lays them out under build/.

    Nothing is built here: a synthesis needs neither network nor installer.
    """

    dependencies: Path = ROOT / "build" / "layers" / "dependencies"
    shared: Path = ROOT / "build" / "layers" / "shared"

    def function(self, folder: str) -> lambda_.Code:
        """Return a function's code: its own folder at its path, and the package above it."""
        return lambda_.Code.from_asset(
            str(ROOT),
            ignore_mode=IgnoreMode.GIT,
            exclude=[
                "/*",
                "!/functions",
                "/functions/*",
                "!/functions/__init__.py",
                f"!/functions/{folder}",
                "examples.py",
                "__pycache__",
            ],
        )
