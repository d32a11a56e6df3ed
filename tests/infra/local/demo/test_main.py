from pathlib import Path

import pytest

from infra.local import demo
from infra.local.demo.script import recorded

pytestmark = pytest.mark.long


def test_the_demo_goes_as_it_should(capsys: pytest.CaptureFixture[str]) -> None:
    status = demo.main()

    said = capsys.readouterr()
    assert said.err == ""
    assert status == 0
    assert "12 free slots and 3 in the coach's busy time" in said.out
    assert "The learner's mail was delivered, the guest's bounced" in said.out
    assert "both got a CANCEL with the same UID and SEQUENCE 1" in said.out
    assert said.out.endswith("The demo went as it should.\n")


def test_a_step_that_fails_ends_the_demo_and_says_which(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    garbled = tmp_path / "garbled.ics"
    garbled.write_text("no calendar")

    status = demo.main(recorded([garbled]))

    said = capsys.readouterr()
    assert status == 1
    assert "✗ PUT garbled.ics answered 400\n" in said.err
    assert "went as it should" not in said.out
