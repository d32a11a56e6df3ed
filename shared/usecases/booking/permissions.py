"""Finds events for a caller and requires the rights that a request needs."""

from dataclasses import dataclass
from datetime import datetime

from shared.domain import transitions
from shared.domain.caller import Caller
from shared.domain.draft import EventDraft
from shared.domain.event import Event
from shared.domain.event_change import EventChange
from shared.domain.policy import CREATIONS, Policy, Right, not_found
from shared.ports import EventStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """Asks the policy; what a request needs a right to follows from the stored event."""

    events: EventStore
    policy: Policy

    def visible(self, caller: Caller, event_id: str, *, now: datetime) -> Event:
        """Return the event as it is at `now`.

        Raises:
            NotFound: when there is no event with that id that the caller may see.
        """
        event = self.events.find(event_id)
        if event is None:
            raise not_found(event_id)
        self.policy.require(Right.READ, caller, event)
        return event.at(now)

    def event_for(self, right: Right, caller: Caller, event_id: str, *, now: datetime) -> Event:
        """Return the event as it is at `now`, for a right on it.

        Raises:
            Forbidden: when the caller may not do this.
            NotFound: when there is no event with that id that the caller may see.
        """
        self.policy.require_possible(right, caller)
        event = self.visible(caller, event_id, now=now)
        self.policy.require(right, caller, event)
        return event

    def check_creation(self, caller: Caller, draft: EventDraft, event: Event) -> None:
        """Require the rights to create the event of a draft.

        Raises:
            Forbidden: when the caller lacks one of them.
        """
        others = any(each.user_id != caller.user_id for each in event.contacts)
        needed = {
            CREATIONS[event.owner]: True,
            Right.AUTO_APPROVE: draft.auto_approval,
            Right.ALLOW_CONFLICTS: draft.allow_conflicts,
            Right.EDIT_CONTACTS: others,
        }
        for right, is_needed in needed.items():
            if is_needed:
                self.policy.require(right, caller, event)

    def successor(self, caller: Caller, stored: Event, event: Event, *, reopen: bool) -> Event:
        """Return a new event as the next version of the stored one, which has the same id.

        Those who may cancel a session may reopen it. An Admin or a service also replaces an event
        that blocks the id; see `transitions.replacing`.

        Raises:
            EventCancelled: when the stored event is closed and the request does not reopen it.
            EventExists: when it is not one that the caller may reopen or replace.
        """
        if transitions.is_blocking(stored, event, caller):
            return transitions.replacing(stored, event, caller)
        if not stored.is_closed or not self.policy.allowed(Right.READ, caller, stored):
            raise transitions.event_exists(event.id)
        if not reopen:
            transitions.check_open(stored)
        self.policy.require(Right.CANCEL, caller, stored)
        keeps_guests = self.policy.allowed(Right.MANAGE_GUESTS, caller, stored)
        return transitions.reopened(stored, event, caller, keeps_guests=keeps_guests)

    def permitted(self, caller: Caller, change: EventChange, event: Event) -> EventChange:
        """Return the change as the caller may make it.

        Raises:
            Forbidden: when some part of it needs a right that the caller lacks.
        """
        if not self.policy.allowed(Right.EDIT_CONTACTS, caller, event):
            change = change.with_own_contact_only(event, caller.user_id)
        if not self.policy.allowed(Right.CHANGE_PARTICIPANTS, caller, event):
            change = change.without_own_claim(event)
        for right in change.rights(event, caller.user_id):
            self.policy.require(right, caller, event)
        return change
