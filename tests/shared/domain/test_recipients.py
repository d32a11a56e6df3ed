"""Which addresses count for mail, and who of several people they belong to."""

from typing import Any

import pytest

from shared.domain.connection import (
    OAUTH_PROVIDERS,
    Connection,
    ConnectionStatus,
    Provider,
    unverified_account,
)
from shared.domain.event import Contact
from shared.domain.invite import (
    Attempt,
    ExternalAttendee,
    GuestList,
    Invite,
    InviteKind,
    InviteMethod,
    MailContent,
)
from shared.domain.person import Person
from shared.domain.recipients import Audience, addresses, inviter, proven_addresses
from tests.support.store_samples import NOON, connection, session

LEARNER = "learner-1"


def account(provider: Provider, email: str, **changes: Any) -> Connection:
    fields = {"provider": provider, "email": email, "status": ConnectionStatus.ACTIVE}
    return connection(email, user_id=LEARNER, **{**fields, **changes})


def learner(*connections: Connection, email: str | None = None) -> Person:
    return Person(user_id=LEARNER, email=email, connections=connections)


def guests(*emails: str) -> GuestList:
    attendees = tuple(ExternalAttendee(email=each, name=None, added_at=NOON) for each in emails)
    return GuestList(session_id="1-a", session_type="group", attendees=attendees)


def recipients(
    *persons: Person,
    contacts: tuple[Contact, ...] = (),
    guest_list: GuestList | None = None,
    invites: tuple[Invite, ...] = (),
) -> dict[str, tuple[InviteKind, str | None]]:
    """Return kind and user of each recipient of a session of these learners, by address."""
    by_id = {each.user_id: each for each in persons}
    event = session(coach_ids=(), learner_ids=tuple(by_id), contacts=contacts)
    audience = Audience(event=event, persons=by_id, guest_list=guest_list, invites=invites)
    return {each.address: (each.kind, each.user_id) for each in audience.recipients.values()}


def test_the_token_comes_before_provider_accounts_and_these_before_contacts() -> None:
    person = learner(
        account(Provider.GOOGLE, "g@example.org"),
        account(Provider.OUTLOOK, "o@example.org"),
        email="token@example.org",
    )
    event = session(contacts=(Contact(LEARNER, "contact@example.org"),))

    assert addresses(event, person) == (
        "token@example.org",
        "g@example.org",
        "o@example.org",
        "contact@example.org",
    )


@pytest.mark.parametrize(
    "unproven",
    [
        account(Provider.APPLE, "boss@example.org"),
        account(
            Provider.GOOGLE, "boss@example.org", account=unverified_account("boss@example.org")
        ),
        account(Provider.OUTLOOK, "boss@example.org", account="email:Boss@example.org"),
        account(Provider.UNKNOWN, "boss@example.org"),
        account(Provider.OUTLOOK, "boss@example.org", is_email_verified=False),
        account(Provider.GOOGLE, "boss@example.org", is_email_verified=False),
    ],
    ids=[
        "CalDAV user name",
        "auto-provisioned",
        "in another case",
        "provider of a newer version",
        "not verified by Microsoft",
        "not verified by Google",
    ],
)
def test_an_address_that_no_provider_confirmed_never_counts(unproven: Connection) -> None:
    person = learner(unproven)

    assert unproven.proven_email is None
    assert proven_addresses(person) == addresses(session(), person) == ()
    assert recipients(person, guest_list=guests("boss@example.org")) == {
        "boss@example.org": (InviteKind.EXTERNAL, None)
    }


def test_an_unverified_address_does_not_get_mail_when_the_calendar_fails() -> None:
    broken = account(
        Provider.OUTLOOK,
        "boss@example.org",
        status=ConnectionStatus.RECONNECT_REQUIRED,
        is_email_verified=False,
    )

    assert recipients(learner(broken)) == {}


@pytest.mark.parametrize("provider", OAUTH_PROVIDERS)
def test_an_account_stored_by_an_older_version_has_a_proven_address(provider: Provider) -> None:
    old = account(provider, "ann@example.org", is_email_verified=None)

    assert old.proven_email == "ann@example.org"


def test_a_reconnect_that_is_required_leaves_the_address_proven() -> None:
    broken = account(Provider.GOOGLE, "g@example.org", status=ConnectionStatus.RECONNECT_REQUIRED)

    assert recipients(learner(broken)) == {"g@example.org": (InviteKind.PARTICIPANT, LEARNER)}


def test_a_name_that_is_no_address_is_left_out() -> None:
    person = learner(account(Provider.OUTLOOK, "ann at work"), email="not an address")

    assert proven_addresses(person) == ()


@pytest.mark.parametrize(
    ("person", "is_left_out"),
    [
        (learner(account(Provider.APPLE, "me"), email="Ann@example.org"), True),
        (learner(account(Provider.GOOGLE, "ANN@example.org")), True),
        (learner(account(Provider.APPLE, "ann@example.org")), False),
        (learner(account(Provider.APPLE, "me")), False),
    ],
    ids=["token", "Google account", "CalDAV user name", "contact"],
)
def test_only_a_proven_address_is_served_by_a_calendar(
    person: Person, *, is_left_out: bool
) -> None:
    contact = Contact(LEARNER, "ann@example.org")

    invited = recipients(person, contacts=(contact,), guest_list=guests("ann@example.org"))

    assert (invited == {}) == is_left_out


def test_a_shared_address_belongs_to_the_one_who_has_proven_it() -> None:
    claims = Person(user_id="a")
    proves = Person(user_id="b", email="ann@example.org")

    invited = recipients(claims, proves, contacts=(Contact("a", "Ann@example.org", "Not Ann"),))

    assert invited == {"ann@example.org": (InviteKind.PARTICIPANT, "b")}


def test_two_contacts_with_one_address_get_one_mail() -> None:
    contacts = (Contact("a", "ann@example.org"), Contact("b", "ANN@example.org"))

    invited = recipients(Person(user_id="a"), Person(user_id="b"), contacts=contacts)

    assert len(invited) == 1


def test_an_earlier_guest_is_a_participant_only_by_a_proven_address() -> None:
    mail = MailContent(method=InviteMethod.REQUEST, sequence=0, digest="digest")
    invited = Invite(
        event_id="1-a",
        address="ann@example.org",
        kind=InviteKind.EXTERNAL,
        attempts=(Attempt(number=1, content=mail, updated_at=NOON),),
    )
    contact = Contact(LEARNER, "ann@example.org")

    for person, expected in (
        (learner(account(Provider.APPLE, "me")), {}),
        (learner(), {"ann@example.org": (InviteKind.PARTICIPANT, LEARNER)}),
        (
            learner(account(Provider.APPLE, "me"), email="ann@example.org"),
            {"ann@example.org": (InviteKind.PARTICIPANT, LEARNER)},
        ),
    ):
        assert recipients(person, invites=(invited,), contacts=(contact,)) == expected


def test_guests_on_a_list_that_does_not_count_are_not_invited() -> None:
    foreign = GuestList(
        session_id="1-a",
        session_type="group",
        attendees=guests("spy@example.org").attendees,
        prepared_by="stranger",
    )

    assert recipients(learner(), guest_list=foreign) == {}


def test_the_inviter_is_never_named_by_an_address() -> None:
    named = session(contacts=(Contact("coach-1", "c@example.org", "Cora"),))
    by_address = session(contacts=(Contact("coach-1", "c@example.org", "c@example.org"),))

    names = [inviter(each, user_id="learner-1") for each in (named, by_address)]
    assert names == ["Cora", None]


def test_a_coach_is_not_invited_by_a_coach() -> None:
    named = session(contacts=(Contact("coach-1", "c@example.org", "Cora"),))

    assert inviter(named, user_id="coach-1") is None
