from datetime import timedelta
from typing import Any

import pytest

from shared.domain.invite import DeliveryState
from tests.support.mail_world import MailWorld, session_of_ann


@pytest.fixture
def world() -> MailWorld:
    """One session of Ann, who has no calendar connected."""
    return session_of_ann()


def test_a_notification_that_comes_before_our_own_record_counts(world: MailWorld) -> None:
    class Early:
        """A mailer whose mail is delivered before it has returned."""

        def send(self, raw: bytes, *, to: str, tags: dict[str, str]) -> str:
            world.notify("ann", DeliveryState.DELIVERED)
            return world.mail.send(raw, to=to, tags=tags)

    world.syncing(mailer=Early()).reconcile("s1", now=world.at)
    world.drain()

    newest = world.attempt_of("ann")
    assert DeliveryState.DELIVERED is newest.status
    assert newest.message_id is not None
    assert world.said("ann") == ["REQUEST 0"]


class Contended:
    """An invite store in which somebody else writes before our writes from number `first` on."""

    def __init__(self, world: MailWorld, first: int) -> None:
        self._world, self._first, self._writes = world, first, 0

    def __getattr__(self, name: str) -> Any:
        if name == "save_invite":
            self._writes += 1
            if self._writes >= self._first:
                self._world.ask_again("ann")
        return getattr(self._world.invites, name)


def test_a_mail_somebody_else_has_just_put_on_record_is_left_to_them(world: MailWorld) -> None:
    world.drain()
    world.move()

    wait = world.syncing(invites=Contended(world, 1)).reconcile("s1", now=world.at)

    assert timedelta(seconds=1) == wait
    assert world.said("ann") == ["REQUEST 0"]


def test_an_outcome_that_cannot_be_put_on_record_repeats_the_mail_once(world: MailWorld) -> None:
    world.drain()
    world.move()

    wait = world.syncing(invites=Contended(world, 2)).reconcile("s1", now=world.at)
    world.drain()

    assert timedelta(seconds=1) == wait
    assert world.said("ann") == ["REQUEST 0", "REQUEST 1", "REQUEST 1"]
