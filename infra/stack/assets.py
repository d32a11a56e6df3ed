"""Where the code of layers and functions comes from."""

from dataclasses import dataclass
from pathlib import Path

from aws_cdk import IgnoreMode
from aws_cdk import aws_lambda as lambda_

from infra.stages import StageError

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Assets:
    """The functions of this tree, and both layers in `layers`, as `python -m layers` builds them.

    Nothing is built here: a synthesis needs neither network nor installer.
    """

    layers: Path = ROOT / "build" / "layers"

    def layer(self, name: str) -> lambda_.Code:
        """Return a layer's code, an archive by that name.

        Raises:
            StageError: when it has not been built.
        """
        archive = self.layers / f"{name}.zip"
        if not archive.is_file():
            raise StageError(f"there is no layer {archive}; build both with `make layers`")
        return lambda_.Code.from_asset(str(archive))

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
