"""Cold starts: new processes that load one function as Lambda does, and exit when it is ready.

A function is ready when its use-cases and stores are built, which the handler does during the
Lambda init phase. Modules that only some requests need, such as providers, are not loaded by then.
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

SLOTS_MODULES = 565
"""Maximum number of modules the slots function may have loaded when it is ready."""

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
"""Libraries the slots function must not load: boto3's resource layer, providers, recurrences."""

COLD = 2.1
"""Maximum time to load the function and its stores, in multiples of `import boto3`.

Neither creates a client.
"""

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
del os.environ["AWS_LAMBDA_FUNCTION_NAME"]  # only on Lambda it creates its client at start
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
    """Return the modules loaded when the function is ready, sorted by name."""
    script = f"import json, sys, {function}; print(json.dumps(sorted(sys.modules)))"
    loaded: list[str] = json.loads(_run([sys.executable, "-c", script]))
    return loaded


def figures() -> list[Figure]:
    """Measure cold starts, and count the modules that each function loads."""
    triples = [(_seconds(LOADED), _seconds(READY), _seconds("import boto3")) for _ in range(PAIRS)]
    loaded = {each: modules_of(each) for each in FUNCTIONS}
    unwanted = set(UNWANTED).intersection(loaded[SLOTS])
    counts = {each: len(modules) for each, modules in loaded.items()}
    return [
        _cold(
            "slots, cold start: loaded with its stores",
            [(a, boto3) for a, _, boto3 in triples],
            COLD,
        ),
        _cold(
            "slots, cold start: DynamoDB client created too",
            [(b, boto3) for _, b, boto3 in triples],
        ),
        Figure(name=f"modules loaded by {SLOTS}", value=counts.pop(SLOTS), bound=SLOTS_MODULES),
        Figure(name="unwanted libraries among them", value=len(unwanted), bound=0),
        *(Figure(name=f"modules loaded by {each}", value=n) for each, n in counts.items()),
    ]


def _cold(name: str, pairs: Sequence[tuple[float, float]], bound: float | None = None) -> Figure:
    function, boto3 = (min(seconds) for seconds in zip(*pairs, strict=True))
    return Figure(
        name=f"{name} ÷ import boto3",
        value=statistics.median(one / other for one, other in pairs),
        bound=bound,
        how=f"timed, median of {PAIRS} pairs; best {function:.2f} s ÷ {boto3:.2f} s",
        counted=False,
    )


def _seconds(script: str) -> float:
    before = time.perf_counter()
    _run([sys.executable, "-c", script])
    return time.perf_counter() - before


def _run(command: Sequence[str]) -> str:
    process = subprocess.run(  # noqa: S603 - our own interpreter and script
        command,
        cwd=ROOT,
        env={**_untraced(), **_ON_LAMBDA},
        capture_output=True,
        text=True,
        check=True,
    )
    return process.stdout


def _untraced() -> dict[str, str]:
    """Return this process's environment without the variables that start coverage.py."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
