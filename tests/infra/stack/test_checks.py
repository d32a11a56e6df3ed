import json

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from tests.support.synthesis import CARELESS, CONTEXTS, Synthesis
from tests.support.template import Template

# What runs here are other people's checks.
pytestmark = pytest.mark.no_cover

REGION = "eu-central-1"
IGNORED = {"W3005": "CDK writes out dependencies that follow from a Ref as well"}


@pytest.mark.parametrize("stage", CONTEXTS)
def test_cdk_nag_finds_nothing_that_is_not_meant(stage: str, synthesis: Synthesis) -> None:
    assert [] == synthesis.findings(stage)


def test_cdk_nag_would_find_a_careless_queue(synthesis: Synthesis) -> None:
    found = {each.partition(" ")[0] for each in synthesis.findings(CARELESS)}

    assert {"AwsSolutions-SQS4", "Serverless-SQSRedrivePolicy"} <= found


def test_cfn_lint_finds_nothing(production: Template) -> None:
    settings = ManualArgs(regions=[REGION], ignore_checks=list(IGNORED))

    matches = lint(production.text, config=settings)

    assert [] == [f"{each.rule.id} {each.path} {each.message}" for each in matches]


def test_cfn_lint_would_find_a_property_that_is_none() -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"FifoTopic": True}}
    text = json.dumps({"Resources": {"Queue": queue}})

    assert ["E3002"] == [each.rule.id for each in lint(text, config=ManualArgs(regions=[REGION]))]
