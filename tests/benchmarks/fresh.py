"""Fresh processes that load one function as Lambda does, and end when it could answer.

It could answer once its use-cases are built over their stores: the handler asks for that while it
starts on Lambda. What it does not need for every request is not loaded by then, providers among it.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

from infra.local.processes import ROOT
from tests.benchmarks.figures import Figure

SLOTS_MODULES = 560
"""How many modules the slots function may have loaded when it is ready."""

UNWANTED = (
    "boto3",
    "caldav",
    "icalendar",
    "requests",
    "lxml",
    "msal",
    "google.auth",
    "numpy",
    "aws_encryption_sdk",
    "httpx",
    "asyncio",
)
"""Libraries that no slots function may have loaded: those of boto3's higher layer, of providers and
of recurrences."""

COLD = 2.1
"""How many times `import boto3` it may take to load it and its stores; neither makes a client."""

PAIRS = 15
SLOTS = "functions.slots.handler"
FUNCTIONS = (
    SLOTS,
    "functions.events.handler",
    "functions.availability.handler",
    "functions.holidays.handler",
    "functions.invites.handler",
    "functions.connections.handler",
    "functions.status.handler",
    "functions.calendar_sync.handler",
    "functions.calendar_sync.relay",
    "functions.ses_notifications.handler",
    "functions.token_refresh.handler",
)

READY = f"import {SLOTS}"
LOADED = f"""
import os
del os.environ["AWS_LAMBDA_FUNCTION_NAME"]  # it makes its client while it starts, there only
import {SLOTS}, shared.stores.people
import shared.usecases.finding.slots, shared.usecases.finding.months"""

_ON_LAMBDA: Mapping[str, str] = {
    "AWS_LAMBDA_FUNCTION_NAME": "fresh",
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "EVENTS_TABLE": "events",
    "CONNECTIONS_TABLE": "connections",
    "TOKEN_KEY_ID": "arn:aws:kms:eu-central-1:000000000000:key/fresh",
    "AUTH_ISSUER": "fresh",
    "AUTH_AUDIENCE": "fresh",
    "AUTH_HS256_SECRET_ID": "fresh",
}


def modules_of(function: str) -> list[str]:
    """Return the modules loaded when the function is ready, in order of name."""
    script = f"import json, sys, {function}; print(json.dumps(sorted(sys.modules)))"
    loaded: list[str] = json.loads(_run([sys.executable, "-c", script]))
    return loaded


def figures() -> list[Figure]:
    """Measure a cold start, and count what each function loads for it."""
    triples = [(_seconds(LOADED), _seconds(READY), _seconds("import boto3")) for _ in range(PAIRS)]
    loaded = {each: modules_of(each) for each in FUNCTIONS}
    unwanted = set(UNWANTED).intersection(loaded[SLOTS])
    counts = {each: len(modules) for each, modules in loaded.items()}
    return [
        _cold("slots, cold: loaded with its stores", [(a, boto3) for a, _, boto3 in triples], COLD),
        _cold("slots, cold: its DynamoDB client made too", [(b, boto3) for _, b, boto3 in triples]),
        Figure(name=f"modules loaded by {SLOTS}", value=counts.pop(SLOTS), bound=SLOTS_MODULES),
        Figure(name="libraries among them that it does not need", value=len(unwanted), bound=0),
        *(Figure(name=f"modules loaded by {each}", value=n) for each, n in counts.items()),
    ]


def _cold(what: str, pairs: Sequence[tuple[float, float]], bound: float | None = None) -> Figure:
    ours, boto3 = (min(each) for each in zip(*pairs, strict=True))
    return Figure(
        name=f"{what} ÷ import boto3",
        value=statistics.median(one / other for one, other in pairs),
        bound=bound,
        how=f"timed, median of {PAIRS} pairs; best {ours:.2f} s ÷ {boto3:.2f} s",
        counted=False,
    )


def _seconds(script: str) -> float:
    before = time.perf_counter()
    _run([sys.executable, "-c", script])
    return time.perf_counter() - before


def _run(command: Sequence[str]) -> str:
    done = subprocess.run(  # noqa: S603 - our own interpreter and script
        command,
        cwd=ROOT,
        env={**_untraced(), **_ON_LAMBDA},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def _untraced() -> dict[str, str]:
    """This process's environment, without what lets coverage.py load its own modules too."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
