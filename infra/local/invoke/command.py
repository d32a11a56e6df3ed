"""Invokes one function with one payload on this machine.

The function runs in its own process, with the environment variables it has in the stack, against an
empty temporary AWS and empty calendars. The result is printed to standard output as JSON, with a
JSON body decoded; logs go to standard error.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from infra.functions import FUNCTIONS
from infra.local.invoke.resources import local_resources
from infra.local.invoke.runner import PayloadRunner, PreparationFailed
from infra.local.processes import NotStarted, ministack
from infra.local.workers import InvocationFailed, Workers
from infra.openapi.examples import EXAMPLE_NOW
from infra.payloads.catalogue import name_of, prerequisites, read
from infra.payloads.shapes import ACCOUNT


class ProcessInvoker:
    """Runs each invocation in a new process."""

    def invoke(
        self,
        module: str,
        payload: Any,
        *,
        function: str,
        seconds: float,
        environment: Mapping[str, str],
    ) -> Any:
        """Return the handler's result.

        Raises:
            InvocationFailed: when the handler raises, its process dies or it times out.
        """
        workers = Workers(environment, log=sys.stderr.buffer, now=EXAMPLE_NOW.isoformat, count=1)
        try:
            return workers.invoke(module, payload, function=function, seconds=seconds)
        finally:
            workers.stop()


def main(arguments: Sequence[str] | None = None) -> int:
    """Invoke a function and print its result; invoke the payloads it depends on first.

    Returns 0; 1 when the handler raised; 2 when it was not called.
    """
    options = _parsed(arguments)
    try:
        payload = read(options.payload)
        with _run() as run:
            for name in prerequisites(name_of(options.payload)):
                print(f"Invoking {name} first", file=sys.stderr)
                run.prepare(name)
            return print_result(run, options.function, payload)
    except (InvocationFailed, PreparationFailed, NotStarted, OSError, ValueError) as error:
        print(f"{options.function} was not invoked: {error}", file=sys.stderr)
        return 2


def print_result(run: PayloadRunner, function: str, payload: Any) -> int:
    """Invoke, print the result or the error, and return the exit status."""
    try:
        result = run.invoke(function, payload)
    except InvocationFailed as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(_with_decoded_body(result), indent=2, ensure_ascii=False))
    return 0


@contextmanager
def _run() -> Iterator[PayloadRunner]:
    with ExitStack() as stack:
        state = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="invoke-")))
        endpoint = stack.enter_context(ministack(log=state / "ministack.log"))
        resources = stack.enter_context(local_resources(state, endpoint, account=ACCOUNT))
        yield PayloadRunner(resources, ProcessInvoker())


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.local.invoke", description=__doc__)
    parser.add_argument("function", choices=sorted(FUNCTIONS))
    parser.add_argument("payload", type=Path, help="a file of events/, or your own")
    return parser.parse_args(arguments)


def _with_decoded_body(result: Any) -> Any:
    """Return an API result with its JSON body decoded, for reading."""
    if not isinstance(result, dict) or "body" not in result:
        return result
    try:
        return {**result, "body": json.loads(result["body"])}
    except (TypeError, ValueError):
        return result
