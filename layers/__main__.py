"""`python -m layers [--compiler PYTHON3.13]`."""

import argparse
import sys

from layers.build import build
from layers.compiler import DEPLOYED_PYTHON, CompilerError, find_compiler
from layers.functions import lacks_console
from layers.measure import measure


def main() -> int:
    """Build everything, print the sizes, and return the exit status."""
    options = argparse.ArgumentParser(prog="python -m layers", description=__doc__)
    options.add_argument(
        "--compiler", default="", help=f"the CPython {DEPLOYED_PYTHON} that adds bytecode"
    )
    try:
        compiler = find_compiler(options.parse_args().compiler)
    except CompilerError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command prints
        return 2
    if lacks_console():
        print("The console is not built. Run `make console`.", file=sys.stderr)  # noqa: T201 - a command prints
        return 2
    for folder in build(compiler):
        print(f"{folder.name}: {measure(folder).megabytes:.1f} MB unzipped")  # noqa: T201 - a command prints
    print(bytecode_note(compiler))  # noqa: T201 - a command prints
    return 0


def bytecode_note(compiler: str) -> str:
    """Return one line that says which interpreter compiled the bytecode, or that none did."""
    if compiler:
        return f"Bytecode compiled by {compiler}."
    return (
        f"No CPython {DEPLOYED_PYTHON} found: built without bytecode, so every cold start compiles "
        f"the code. Install one, or pass COMPILER=/path/to/python{DEPLOYED_PYTHON}."
    )


if __name__ == "__main__":
    sys.exit(main())
