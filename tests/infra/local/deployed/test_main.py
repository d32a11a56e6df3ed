import pytest

from infra.local.deployed import main


def test_the_demo_goes_as_it_should_through_the_api_that_cdk_deployed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = main()

    said = capsys.readouterr()
    assert said.err == ""
    assert status == 0
    assert "/_aws/execute-api/" in said.out
    assert "12 free slots and 3 in the coach's busy time" in said.out
    assert "both calendars hold it once, and nobody was mailed" in said.out
    assert "The learner's mail was delivered, the guest's bounced" in said.out
    assert "both got a CANCEL with the same UID and SEQUENCE 1" in said.out
    assert "No dead-letter queue holds anything" in said.out
