"""The copies an event should have, their content and their state."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.connection import Connection, Provider
from shared.domain.copy import Copy, CopyContent, CopyState, copy_key
from shared.domain.event import Event, EventStatus
from shared.domain.person import Person
from shared.domain.zones import zone


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyView:
    """The state of one copy of an event, existing or still to be created.

    `connection_id`, `provider`, `attempts` and `error` are None in a view for another user.
    """

    user_id: str
    connection_id: str | None
    provider: Provider | None
    state: CopyState
    attempts: int | None
    error: str | None
    updated_at: datetime

    @property
    def state_only(self) -> "CopyView":
        """The view for another user: which provider the owner uses is private."""
        return replace(self, connection_id=None, provider=None, attempts=None, error=None)


def target_calendars(
    event: Event,
    persons: Mapping[str, Person],
    *,
    on_mail: Collection[str] = (),
    recorded: Collection[str] = (),
) -> dict[str, Connection]:
    """Return the calendars that should have a copy of the event, by connection id.

    These are the calendars of participants while the event is scheduled, including broken ones:
    their copies have a state that says so. A session that took place stays in calendars when its
    record is cancelled. Users in `on_mail` get no copies. A calendar that several participants have
    connected gets one copy, through a connection that works, preferably one of those in `recorded`,
    which have a copy already.
    """
    if event.status is not EventStatus.SCHEDULED and not event.was_cancelled_after_end:
        return {}
    connections = [
        connection
        for user in event.participants
        if user not in on_mail
        for connection in persons[user].connections
    ]
    best_first = sorted(connections, key=lambda each: (not each.is_active, each.id not in recorded))
    chosen: list[Connection] = []
    for connection in best_first:
        if not any(connection.is_same_calendar(each) for each in chosen):
            chosen.append(connection)
    return {each.id: each for each in connections if each in chosen}


def copy_views(
    event: Event,
    recorded: Iterable[Copy],
    persons: Mapping[str, Person],
    *,
    on_mail: Collection[str] = (),
) -> tuple[CopyView, ...]:
    """Return a view of each recorded copy and each one still to be created, in a stable order."""
    views = {each.connection_id: _recorded_view(event, each) for each in recorded}
    targets = target_calendars(event, persons, on_mail=on_mail, recorded=views)
    for connection in targets.values():
        views.setdefault(connection.id, _pending_view(event, connection))
    ordered = sorted(views.items(), key=lambda item: (item[1].user_id, item[0]))
    return tuple(view for _, view in ordered)


def copy_content(event: Event, connection_id: str) -> CopyContent:
    """Return the content the copy in that calendar should have.

    The description lists the participants by role: a copy has no attendees, so that no provider
    sends mail.
    """
    return CopyContent(
        session_id=event.id,
        key=copy_key(event.id, connection_id),
        title=event.title,
        interval=event.interval,
        description=_description(event),
        location=event.location,
        url=event.session_link,
        sequence=event.sequence,
        updated_at=event.updated_at,
    )


def _description(event: Event) -> str:
    start = event.interval.start.astimezone(zone(event.zone))
    people = [
        *(f"Coach: {each}" for each in _display_names(event, event.coach_ids)),
        *(f"Learner: {each}" for each in _display_names(event, event.learner_ids)),
        *(f"Admin: {each}" for each in _display_names(event, [event.attending_admin])),
    ]
    link = [f"Join: {event.session_link}"] if event.session_link else []
    when = f"{start:%Y-%m-%d %H:%M} {event.zone} (UTC{start:%z})"
    return "\n".join([*link, f"When: {when}", *people, f"Session: {event.id}"])


def _display_names(event: Event, user_ids: Iterable[str | None]) -> list[str]:
    # Names only: an address is not for the other participants, who read this in their calendars.
    names = {each.user_id: each.public_name for each in event.contacts}
    return [names.get(user) or user for user in user_ids if user]


def _recorded_view(event: Event, copy: Copy) -> CopyView:
    return CopyView(
        user_id=copy.user_id,
        connection_id=copy.connection_id,
        provider=copy.provider,
        state=copy.state_for(event.version),
        attempts=copy.attempts,
        error=copy.error,
        updated_at=copy.updated_at,
    )


def _pending_view(event: Event, connection: Connection) -> CopyView:
    return CopyView(
        user_id=connection.user_id,
        connection_id=connection.id,
        provider=connection.provider,
        state=CopyState.PENDING,
        attempts=0,
        error=None,
        updated_at=event.updated_at,
    )
