"""Change the record of an invite that several writers may change at the same time."""

from collections.abc import Callable
from functools import partial
from itertools import chain, repeat

from shared.domain.errors import LostRace
from shared.domain.invite import Invite
from shared.domain.retry import Pause, retry_lost_races
from shared.ports import InviteStore


def update_invite(
    invites: InviteStore, invite: Invite, change: Callable[[Invite], Invite], *, pause: Pause
) -> Invite | None:
    """Save a change to an invite; after a lost race, apply it to the version stored meanwhile.

    Returns the changed invite, or None when it is no longer stored. Writes nothing if `change`
    changes nothing.

    Raises:
        LostRace: when other writers were faster every time.
    """
    stored = partial(invites.invite, invite.event_id, invite.id)
    reads: chain[Callable[[], Invite | None]] = chain([lambda: invite], repeat(stored))

    def attempt() -> Invite | None:
        current = next(reads)()
        if current is None:
            return None
        changed = change(current)
        return current if changed == current else invites.save_invite(changed)

    error = LostRace(
        f"Too many concurrent writes to the invites of {invite.event_id}. Retry later."
    )
    return retry_lost_races(attempt, pause=pause, error=error)
