"""The code assets of layers and functions."""

from dataclasses import dataclass
from pathlib import Path

from aws_cdk import aws_lambda as lambda_

from infra.stages import StageError
from layers.functions import FUNCTIONS, is_current
from layers.paths import FOLDER


@dataclass(frozen=True, slots=True)
class Assets:
    """The layers and the functions in the folder `layers`, built by `python -m layers`.

    Nothing is built here, so a synthesis needs neither network nor compiler.
    """

    layers: Path = FOLDER

    def layer(self, name: str) -> lambda_.Code:
        """Return a layer's code, the archive with that name.

        Raises:
            StageError: the layer has not been built.
        """
        archive = self.layers / f"{name}.zip"
        if not archive.is_file():
            raise StageError(f"{archive} is missing. Build it with `make layers`.")
        return lambda_.Code.from_asset(str(archive))

    def function(self, folder: str) -> lambda_.Code:
        """Return a function's code: its folder under functions/, with bytecode if it was built.

        Raises:
            StageError: the function has not been built, or its source has changed since.
        """
        built = self.layers / FUNCTIONS / folder
        if not is_current(built):
            raise StageError(f"{built} is missing or out of date. Build it with `make layers`.")
        return lambda_.Code.from_asset(str(built))
