from pathlib import Path

import pytest

from infra.local import demo
from infra.local.demo.scenario import recorded

pytestmark = pytest.mark.long


def test_the_demo_succeeds(capsys: pytest.CaptureFixture[str]) -> None:
    status = demo.main()

    printed = capsys.readouterr()
    assert printed.err == ""
    assert status == 0
    assert "12 free slots and 3 in the coach's busy time" in printed.out
    assert "The learner's mail was delivered, the guest's bounced" in printed.out
    assert "both got a CANCEL with the same UID and SEQUENCE 1" in printed.out
    assert "An Admin declined another booking" in printed.out
    assert "it has expired, and its time can be booked again" in printed.out
    assert "A webhook's receiver got session.booked and verified its signature." in printed.out
    assert printed.out.endswith("The demo succeeded.\n")


def test_a_failed_step_ends_the_demo_and_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    garbled = tmp_path / "garbled.ics"
    garbled.write_text("no calendar")

    status = demo.main(recorded([garbled]))

    printed = capsys.readouterr()
    assert status == 1
    assert "✗ PUT garbled.ics returned 400\n" in printed.err
    assert "succeeded" not in printed.out
