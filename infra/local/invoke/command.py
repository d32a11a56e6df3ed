"""Invokes one function with one payload on this machine.

The function runs in a process of its own, with the variables it has in the stack, against an AWS
and calendars that begin empty and are thrown away. The answer goes to standard output as JSON, a
body that is JSON itself unfolded; what handlers log goes to standard error.
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
from infra.local.invoke.run import NotReady, Run
from infra.local.invoke.surroundings import surroundings
from infra.local.processes import NotStarted, ministack
from infra.local.workers import InvocationFailed, Workers
from infra.payloads.catalogue import first, name_of, read
from infra.payloads.shapes import ACCOUNT, AT


class Processes:
    """Runs each invocation in a process that starts for it and ends with it."""

    def invoke(
        self,
        module: str,
        payload: Any,
        *,
        function: str,
        seconds: float,
        environment: Mapping[str, str],
    ) -> Any:
        """Return the handler's answer.

        Raises:
            InvocationFailed: when the handler raises, dies or takes too long.
        """
        workers = Workers(environment, log=sys.stderr.buffer, now=AT.isoformat, count=1)
        try:
            return workers.invoke(module, payload, function=function, seconds=seconds)
        finally:
            workers.stop()


def main(arguments: Sequence[str] | None = None) -> int:
    """Invoke a function and print its answer; what its payload needs is made first.

    Returns 0, or 1 when the handler raised, 2 when it was not even called.
    """
    given = _parsed(arguments)
    try:
        payload = read(given.payload)
        with _run() as run:
            for name in first(name_of(given.payload)):
                print(f"{name} goes before it", file=sys.stderr)
                run.prepare(name)
            return invoked(run, given.function, payload)
    except (InvocationFailed, NotReady, NotStarted, OSError, ValueError) as error:
        print(f"{given.function} was not invoked: {error}", file=sys.stderr)
        return 2


def invoked(run: Run, function: str, payload: Any) -> int:
    """Invoke, print the answer, or why there is none, and return the exit status."""
    try:
        answer = run.invoke(function, payload)
    except InvocationFailed as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(_unfolded(answer), indent=2, ensure_ascii=False))
    return 0


@contextmanager
def _run() -> Iterator[Run]:
    with ExitStack() as stack:
        state = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="invoke-")))
        endpoint = stack.enter_context(ministack(log=state / "ministack.log"))
        around = stack.enter_context(surroundings(state, endpoint, account=ACCOUNT))
        yield Run(around, Processes())


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.local.invoke", description=__doc__)
    parser.add_argument("function", choices=sorted(FUNCTIONS))
    parser.add_argument("payload", type=Path, help="a file of events/, or one like those")
    return parser.parse_args(arguments)


def _unfolded(answer: Any) -> Any:
    """Return an API's answer with its body to be read by people; to Lambda the body is a text."""
    if not isinstance(answer, dict) or "body" not in answer:
        return answer
    try:
        return {**answer, "body": json.loads(answer["body"])}
    except (TypeError, ValueError):
        return answer
