import json

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from tests.support.synthesis import CONTEXTS, EDGE, FIREWALL, INSECURE, Synthesis

# Only third-party checks run here.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]

REGION = "eu-central-1"
IGNORED = {"W3005": "CDK also writes dependencies that a Ref already implies"}


@pytest.mark.parametrize("stage", [*CONTEXTS, EDGE])
def test_cdk_nag_has_no_unacknowledged_findings(stage: str, synthesis: Synthesis) -> None:
    assert [] == synthesis.findings(stage)


def test_cdk_nag_reports_an_insecure_queue(synthesis: Synthesis) -> None:
    rules = {each.partition(" ")[0] for each in synthesis.findings(INSECURE)}

    assert {"AwsSolutions-SQS4", "Serverless-SQSRedrivePolicy"} <= rules


@pytest.mark.parametrize(
    ("name", "region"), [("production", REGION), (EDGE, REGION), (FIREWALL, "us-east-1")]
)
def test_cfn_lint_has_no_findings(name: str, region: str, synthesis: Synthesis) -> None:
    settings = ManualArgs(regions=[region], ignore_checks=list(IGNORED))

    matches = lint(synthesis.template(name).text, config=settings)

    assert [] == [f"{each.rule.id} {each.path} {each.message}" for each in matches]


def test_cfn_lint_reports_an_unknown_property() -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"FifoTopic": True}}
    text = json.dumps({"Resources": {"Queue": queue}})

    assert ["E3002"] == [each.rule.id for each in lint(text, config=ManualArgs(regions=[REGION]))]
