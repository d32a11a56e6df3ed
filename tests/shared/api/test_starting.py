"""A function loads a part of Powertools, and whoever wants another part still gets it."""

import subprocess
import sys

import pytest

from infra.local.processes import ROOT


def said(script: str) -> str:
    """Return what a fresh process prints that has loaded a function first."""
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
def test_what_was_left_out_is_there_when_asked_for(package: str, name: str) -> None:
    assert name == said(f"from {package} import {name}; print({name}.__name__)")


def test_a_name_loaded_early_and_late_is_one_thing() -> None:
    script = """
from aws_lambda_powertools.event_handler import Response as early
from aws_lambda_powertools.event_handler import ALBResolver, Response as late
print(early is late)"""

    assert said(script) == "True"


def test_a_name_that_is_nowhere_is_told_as_missing() -> None:
    script = """
import aws_lambda_powertools.event_handler as package
print(hasattr(package, "NoSuchThing"), hasattr(package, "content_types"))"""

    assert said(script) == "False True"
