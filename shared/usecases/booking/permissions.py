"""Finds events for a caller and requires the rights that a request needs."""

from dataclasses import dataclass

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

    def visible(self, caller: Caller, event_id: str) -> Event:
        """Return the event.

        Raises:
            NotFound: when there is no event with that id that the caller may see.
        """
        event = self.events.find(event_id)
        if event is None:
            raise not_found(event_id)
        self.policy.require(Right.READ, caller, event)
        return event

    def event_for(self, right: Right, caller: Caller, event_id: str) -> Event:
        """Return the event for a right on it.

        Raises:
            Forbidden: when the caller may not do this.
            NotFound: when there is no event with that id that the caller may see.
        """
        self.policy.require_possible(right, caller)
        event = self.visible(caller, event_id)
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
