from pathlib import Path

import pytest

from infra.local.deployed import main
from infra.local.deployed.cdk import CdkFailed
from infra.local.deployed.deployment import Deployment

pytestmark = pytest.mark.long


class Failing:
    """A deployment that is rolled back."""

    def __init__(self, folder: Path, *, log: Path) -> None:
        assert folder == log.parent
        self._log = log

    def __enter__(self) -> Deployment:
        self._log.write_text("the handler's traceback\n")
        raise CdkFailed("`cdk deploy` failed with 1:\nrolled back")

    def __exit__(self, *_failure: object) -> None:
        raise AssertionError("nothing was entered")


def test_the_demo_succeeds_through_the_api_that_cdk_deployed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = main()

    printed = capsys.readouterr()
    assert printed.err == ""
    assert status == 0
    assert "/_aws/execute-api/" in printed.out
    assert "12 free slots and 3 in the coach's busy time" in printed.out
    assert "both calendars hold it once, and no mail was sent" in printed.out
    assert "The learner's mail was delivered, the guest's bounced" in printed.out
    assert "both got a CANCEL with the same UID and SEQUENCE 1" in printed.out
    assert "The bus, the change list and the API agree" in printed.out
    assert "The dead-letter queues are empty" in printed.out


def test_a_failed_deployment_prints_the_output_of_the_local_aws_and_of_cdk(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = main(Failing)

    printed = capsys.readouterr()
    assert status == 1
    assert "the handler's traceback\n✗ `cdk deploy` failed with 1:\nrolled back\n" == printed.err
    assert "succeeded" not in printed.out
