"""`python -m infra.app`, which cdk runs: the stack of the stage that its context names."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from infra.stack.assets import Assets
from infra.stack.service import CalendarService
from infra.stages import HINTS, owner_of, stage_named, told

FLAGS: Mapping[str, Any] = {
    "@aws-cdk/aws-iam:minimizePolicies": True,
    "@aws-cdk/aws-lambda:recognizeLayerVersion": True,
}
"""How CDK is to behave, here and not in cdk.json so that every synthesis is the same."""


def service(app: App, environment: Mapping[str, str]) -> CalendarService:
    """Add the stack to the app, and the checks to its synthesis.

    Raises:
        StageError: when no stage is named, or the stage lacks a value.
    """
    context = {name: app.node.try_get_context(name) for name in ("stage", "layers", *HINTS)}
    stage = stage_named(told("stage", context, environment))
    owner = owner_of(stage, context, environment)
    folder = told("layers", context, environment)
    assets = Assets(Path(folder)) if folder else Assets()
    add_checks(app)
    return CalendarService(app, stage=stage, owner=owner, assets=assets)


def add_checks(app: App) -> None:
    """Let every synthesis of the app fail on what cdk-nag finds and nobody has acknowledged."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))


def main() -> None:
    """Synthesise for cdk, which says in the environment where to."""
    app = App(analytics_reporting=False, context=dict(FLAGS))
    service(app, os.environ)
    app.synth()


if __name__ == "__main__":
    main()
