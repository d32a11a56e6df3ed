"""`python -m layers [--compiler PYTHON3.13]`."""

import argparse

from layers.build import build
from layers.measure import measure

options = argparse.ArgumentParser(prog="python -m layers", description="Build both layers.")
options.add_argument("--compiler", default="", help="a CPython 3.13 that adds the bytecode")
for folder in build(compiler=options.parse_args().compiler):
    print(f"{folder.name}: {measure(folder).megabytes:.1f} MB unzipped")  # noqa: T201 - a command prints
