"""What invite-status shows of answers."""

from dataclasses import replace
from typing import Any

import pytest

from functions.invites.responses import invite_status_out
from shared.domain.invite import Answer, Invite, InviteMethod
from shared.usecases.invitations.report import InviteReport
from tests.support.mailed import attempt
from tests.support.replied import answerable, reply

NO_TIME = {"respondedAt": None, "comment": None}


def shown(invite: Invite) -> Any:
    """Return what is shown of the answer to an invite."""
    (row,) = invite_status_out(InviteReport(event_id="s", invites=(invite,)))["recipients"]
    return {name: row[name] for name in ("response", "respondedAt", "comment")}


@pytest.mark.parametrize("answer", Answer)
def test_an_answer_is_shown_with_its_time_and_comment(answer: Answer) -> None:
    answered = replace(answerable(), response=reply(answer, comment="Late").response)

    assert shown(answered) == {
        "response": answer.value,
        "respondedAt": "2027-01-05T10:00:01Z",
        "comment": "Late",
    }


@pytest.mark.parametrize(
    ("invite", "expected"),
    [
        (answerable(), "needsAction"),
        (replace(answerable(), attempts=()), "needsAction"),
        (replace(answerable(sequence=1), response=reply().response), "needsAction"),
        (
            replace(answerable(method=InviteMethod.CANCEL), response=reply().response),
            None,
        ),
        (replace(answerable(), attempts=(attempt(),), response=None), "needsAction"),
    ],
)
def test_without_an_answer_to_the_newest_invitation_none_is_shown(
    invite: Invite, expected: str | None
) -> None:
    assert shown(invite) == {"response": expected, **NO_TIME}
