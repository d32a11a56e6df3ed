"""The CDK app, run by `cdk` as `python -m infra.app`: the stack of the stage in the context."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from infra.inputs import HINTS, read_input, read_inputs
from infra.stack.assets import Assets
from infra.stack.firewall import Firewall
from infra.stack.service import CalendarService
from infra.stages import find_stage

FLAGS: Mapping[str, Any] = {
    "@aws-cdk/aws-iam:minimizePolicies": True,
    "@aws-cdk/aws-lambda:recognizeLayerVersion": True,
}
"""CDK feature flags, here and not in cdk.json so that every synthesis uses the same ones."""


def add_service(app: App, environment: Mapping[str, str]) -> CalendarService:
    """Add the stack to the app, and the cdk-nag checks to its synthesis.

    The input `firewall`, with any value, adds the stack of the web ACL.

    Raises:
        StageError: no stage is given, or a value the stage needs is missing.
    """
    names = ("stage", "layers", "firewall", *HINTS)
    context = {name: app.node.try_get_context(name) for name in names}
    stage = find_stage(read_input("stage", context, environment))
    inputs = read_inputs(stage, context, environment)
    folder = read_input("layers", context, environment)
    assets = Assets(Path(folder)) if folder else Assets()
    add_checks(app)
    if read_input("firewall", context, environment):
        Firewall(app, stage=stage)
    return CalendarService(app, stage=stage, inputs=inputs, assets=assets)


def add_checks(app: App) -> None:
    """Make every synthesis of the app fail on cdk-nag findings that are not acknowledged."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))


def main() -> None:
    """Synthesize for `cdk`, which passes the output folder in the environment."""
    app = App(analytics_reporting=False, context=dict(FLAGS))
    add_service(app, os.environ)
    app.synth()


if __name__ == "__main__":
    main()
