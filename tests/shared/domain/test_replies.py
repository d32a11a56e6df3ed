import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from secrets import token_hex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.address import normalise
from shared.domain.invite import Answer, Invite, InviteMethod
from shared.domain.replies import (
    Reply,
    ReplyOutcome,
    current_response,
    new_reply_address,
    obstacle,
    with_response,
)
from tests.support.mailed import attempt
from tests.support.replied import RECEIVED, REPLY_ADDRESS, answerable, reply

DAY = timedelta(days=1)


def after(invite: Invite, replies: Iterable[Reply]) -> Invite:
    """Return the invite after these replies."""
    for each in replies:
        if obstacle(invite, each) is None:
            invite = with_response(invite, each.response)
    return invite


def test_an_address_for_answers_is_one_that_ses_accepts_and_nobody_guesses() -> None:
    addresses = {new_reply_address("rsvp.example.com", token=token_hex) for _ in range(50)}

    assert len(addresses) == 50
    for each in addresses:
        assert re.fullmatch(r"rsvp\+[0-9a-f]{32}@rsvp\.example\.com", each)
        assert normalise(each) == each


def test_a_reply_to_the_newest_invitation_counts() -> None:
    assert obstacle(answerable(sequence=2), reply(sequence=2)) is None


@pytest.mark.parametrize("given_to", [REPLY_ADDRESS.upper(), REPLY_ADDRESS.title()])
def test_the_case_of_the_address_does_not_matter(given_to: str) -> None:
    assert obstacle(answerable(), reply(sent_to=("x@y.example", given_to))) is None


@pytest.mark.parametrize(
    ("invite", "changes", "expected"),
    [
        (answerable(), {"sent_to": ()}, ReplyOutcome.FORGED),
        (answerable(), {"sent_to": (f"x{REPLY_ADDRESS}",)}, ReplyOutcome.FORGED),
        (answerable(), {"sent_to": ("",)}, ReplyOutcome.FORGED),
        (answerable(), {"sent_to": ("rsvp@rsvp.example.com",)}, ReplyOutcome.FORGED),
        (answerable(), {"sent_to": ("rsvp+ü@rsvp.example.com",)}, ReplyOutcome.FORGED),
        (replace(answerable(), reply_address=None), {"sent_to": ("",)}, ReplyOutcome.FORGED),
        (replace(answerable(), reply_address=None), {}, ReplyOutcome.FORGED),
        (answerable(sequence=2), {"sequence": 1}, ReplyOutcome.STALE),
        (answerable(sequence=2), {"sequence": 3}, ReplyOutcome.NEVER_SENT),
        (replace(answerable(), attempts=()), {}, ReplyOutcome.NEVER_SENT),
        (answerable(method=InviteMethod.CANCEL), {}, ReplyOutcome.STALE),
    ],
)
def test_a_forged_stale_or_invented_reply_does_not_count(
    invite: Invite, changes: dict[str, Any], expected: ReplyOutcome
) -> None:
    assert obstacle(invite, reply(**changes)) is expected


def test_a_moved_session_needs_another_answer_and_another_title_does_not() -> None:
    answered = after(answerable(), [reply()])
    first = answered.attempts[0]
    renamed = replace(first.content, digest="another title")
    moved = replace(first.content, sequence=1, digest="another time")

    def status(*contents: Any) -> Any:
        more = [attempt(number, content=each) for number, each in enumerate(contents, 2)]
        response = current_response(replace(answered, attempts=(first, *more)))
        return response.answer if response else None

    assert status(renamed) is Answer.ACCEPTED
    assert status(renamed, moved) is None
    assert status(replace(moved, method=InviteMethod.CANCEL)) is None


def test_a_calendar_whose_clock_is_fast_does_not_block_later_answers() -> None:
    early = reply(Answer.DECLINED, stamp=RECEIVED + DAY)
    later = reply(Answer.ACCEPTED, seconds=60)

    response = current_response(after(answerable(), [early, later]))

    assert response is not None
    assert response.answer is Answer.ACCEPTED
    assert early.response.responded_at == RECEIVED


def test_a_reply_without_a_time_stamp_is_of_when_it_arrived() -> None:
    assert reply(stamp=None).response.responded_at == RECEIVED


replies = st.lists(
    st.builds(
        reply,
        st.sampled_from(Answer),
        seconds=st.integers(0, 3),
        sequence=st.integers(0, 2),
        comment=st.sampled_from([None, "a", "b"]),
        stamp=st.sampled_from([None, RECEIVED, RECEIVED + timedelta(seconds=1)]),
    ),
    max_size=6,
)


@given(replies, st.randoms(use_true_random=False), st.integers(0, 2))
def test_neither_order_nor_repetition_of_replies_matters(
    given_replies: list[Reply], random: Any, sequence: int
) -> None:
    shuffled = [*given_replies, *given_replies[:3]]
    random.shuffle(shuffled)
    invite = answerable(sequence=sequence)

    assert after(invite, given_replies) == after(invite, shuffled)


@given(replies, st.data())
def test_when_replies_arrive_between_two_invitations_does_not_matter(
    given_replies: list[Reply], data: st.DataObject
) -> None:
    early = data.draw(st.lists(st.sampled_from(given_replies)) if given_replies else st.just([]))
    moved = answerable(sequence=1).attempts[0]
    answered = after(answerable(sequence=0), early)

    late = after(replace(answered, attempts=(*answered.attempts, moved)), given_replies)

    assert current_response(late) == current_response(after(answerable(sequence=1), given_replies))


@given(replies)
def test_the_last_answer_to_the_newest_invitation_is_the_one_shown(
    given_replies: list[Reply],
) -> None:
    counting = [each.response for each in given_replies if each.sequence == 1]
    newest = max((each.responded_at for each in counting), default=None)

    shown = current_response(after(answerable(sequence=1), given_replies))

    assert (shown.responded_at if shown else None) == newest
