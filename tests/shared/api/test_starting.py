"""A function loads a part of Powertools; other parts can still be imported."""

import subprocess
import sys

import pytest

from infra.local.processes import ROOT

pytestmark = pytest.mark.long


def output_of(script: str) -> str:
    """Return the output of a script that runs after a function was loaded in a new process."""
    done = subprocess.run(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-c", f"import functions.slots.handler\n{script}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("package", "name"),
    [
        ("aws_lambda_powertools", "Tracer"),
        ("aws_lambda_powertools.event_handler", "AppSyncResolver"),
        ("aws_lambda_powertools.utilities.data_classes", "SNSEvent"),
    ],
)
def test_a_skipped_module_is_loaded_on_access(package: str, name: str) -> None:
    assert name == output_of(f"from {package} import {name}; print({name}.__name__)")


def test_a_name_loaded_early_and_late_is_the_same_object() -> None:
    script = """
from aws_lambda_powertools.event_handler import Response as early
from aws_lambda_powertools.event_handler import ALBResolver, Response as late
print(early is late)"""

    assert output_of(script) == "True"


def test_an_unknown_name_raises_attribute_error() -> None:
    script = """
import aws_lambda_powertools.event_handler as package
print(hasattr(package, "NoSuchThing"), hasattr(package, "content_types"))"""

    assert output_of(script) == "False True"
