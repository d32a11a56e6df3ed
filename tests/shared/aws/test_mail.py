import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.stub import Stubber

from shared.aws.clients import Clients
from shared.aws.mail import SesMailer
from shared.domain.errors import (
    MailFailure,
    MailNotPermitted,
    MailRefused,
    MailRejected,
    MailUnavailable,
)

pytestmark = pytest.mark.long

RAW = b"Subject: x\r\n\r\nx\r\n"
TO = "kay@example.org"
TAGS = {"event": "1-a", "invite": "0" * 32, "attempt": "1"}
REQUEST = {
    "FromEmailAddress": "Sessions <sessions@mail.example>",
    "Destination": {"ToAddresses": [TO]},
    "Content": {"Raw": {"Data": RAW}},
    "EmailTags": [
        {"Name": "event", "Value": "1-a"},
        {"Name": "invite", "Value": "0" * 32},
        {"Name": "attempt", "Value": "1"},
    ],
    "ConfigurationSetName": "invitations",
}


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Clients:
    """Clients with an endpoint on which no server listens."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "000000000001")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    return Clients()


@pytest.fixture
def ses(clients: Clients) -> Iterator[Stubber]:
    """A stub of SES with the responses a test sets."""
    with Stubber(clients.get("sesv2")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def mailer(clients: Clients, *, configuration_set: str = "invitations") -> SesMailer:
    return SesMailer(
        sender="Sessions <sessions@mail.example>",
        configuration_set=configuration_set,
        clients=clients,
    )


def test_a_mail_goes_to_one_recipient_with_its_tags(clients: Clients, ses: Stubber) -> None:
    ses.add_response("send_email", {"MessageId": "0100-abc"}, REQUEST)

    assert "0100-abc" == mailer(clients).send(RAW, to=TO, tags=TAGS)


def test_without_a_configuration_set_the_request_names_none(clients: Clients, ses: Stubber) -> None:
    plain = {name: value for name, value in REQUEST.items() if name != "ConfigurationSetName"}
    ses.add_response("send_email", {"MessageId": "0100-abc"}, plain)

    sent = mailer(clients, configuration_set="").send(RAW, to=TO, tags=TAGS)

    assert "0100-abc" == sent


def test_the_domain_of_the_recipient_is_sent_in_ascii(clients: Clients, ses: Stubber) -> None:
    expected = {**REQUEST, "Destination": {"ToAddresses": ["kay@xn--bcher-kva.de"]}}
    ses.add_response("send_email", {"MessageId": "0100-abc"}, expected)

    assert "0100-abc" == mailer(clients).send(RAW, to="kay@bücher.de", tags=TAGS)


FAILURES: list[tuple[str, int, type[MailFailure]]] = [
    ("TooManyRequestsException", 429, MailRefused),
    ("ThrottlingException", 400, MailRefused),
    ("LimitExceededException", 400, MailUnavailable),
    ("SendingPausedException", 400, MailNotPermitted),
    ("NotFoundException", 404, MailNotPermitted),
    ("AccessDeniedException", 403, MailNotPermitted),
    ("InternalFailure", 500, MailUnavailable),
    ("ServiceUnavailable", 503, MailUnavailable),
    ("MessageRejected", 400, MailRejected),
    ("MailFromDomainNotVerifiedException", 400, MailNotPermitted),
    ("BadRequestException", 400, MailRejected),
    ("AccountSuspendedException", 400, MailNotPermitted),
]


@pytest.mark.parametrize(("code", "status", "expected"), FAILURES)
def test_transient_and_permanent_errors_are_distinguished_after_one_request(
    clients: Clients, ses: Stubber, code: str, status: int, expected: type[MailFailure]
) -> None:
    ses.add_client_error("send_email", code, "the reason", http_status_code=status)

    with pytest.raises(expected, match=f"{code} the reason"):
        mailer(clients).send(RAW, to=TO, tags=TAGS)


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        ("sessions@mail.example", MailNotPermitted),
        ("mail.example", MailNotPermitted),
        (TO, MailRejected),
        ("example.org", MailRejected),
    ],
)
def test_mail_waits_while_the_identity_of_the_sender_is_not_verified(
    clients: Clients, ses: Stubber, identity: str, expected: type[MailFailure]
) -> None:
    message = (
        "Email address is not verified. The following identities failed the check in region "
        f"EU-WEST-1: {identity}"
    )
    ses.add_client_error("send_email", "MessageRejected", message, http_status_code=400)

    with pytest.raises(MailFailure) as caught:
        mailer(clients).send(RAW, to=TO, tags=TAGS)

    assert type(caught.value) is expected


def test_an_answer_of_a_broken_server_leaves_open_whether_the_mail_was_sent(
    clients: Clients, ses: Stubber
) -> None:
    ses.add_client_error("send_email", "InternalFailure", "the reason", http_status_code=500)

    with pytest.raises(MailUnavailable) as caught:
        mailer(clients).send(RAW, to=TO, tags=TAGS)

    assert type(caught.value) is MailUnavailable


def test_the_name_of_the_sender_is_encoded(clients: Clients, ses: Stubber) -> None:
    encoded = "=?utf-8?q?=C3=9Cbungen?= <sessions@mail.example>"
    ses.add_response(
        "send_email", {"MessageId": "0100-abc"}, {**REQUEST, "FromEmailAddress": encoded}
    )
    sender = SesMailer(
        sender="Übungen <sessions@mail.example>",
        configuration_set="invitations",
        clients=clients,
    )

    assert "0100-abc" == sender.send(RAW, to=TO, tags=TAGS)


def test_an_unreachable_server_is_a_transient_failure(clients: Clients) -> None:
    with pytest.raises(MailUnavailable, match="did not respond: EndpointConnectionError"):
        mailer(clients).send(RAW, to=TO, tags=TAGS)


def test_a_time_out_is_a_transient_failure(clients: Clients) -> None:
    events: Any = clients.get("sesv2").meta.events

    def hang(**_: object) -> None:
        raise ReadTimeoutError(endpoint_url="http://127.0.0.1:9")

    events.register("before-send.sesv2.SendEmail", hang)

    with pytest.raises(MailUnavailable, match="did not respond: ReadTimeoutError"):
        mailer(clients).send(RAW, to=TO, tags=TAGS)


def test_no_error_contains_the_address(clients: Clients, ses: Stubber) -> None:
    message = f"Email address is not verified: {TO}, <{TO}>"
    ses.add_client_error("send_email", "MessageRejected", message, http_status_code=400)

    with pytest.raises(MailRejected) as caught:
        mailer(clients).send(RAW, to=TO, tags=TAGS)

    assert TO not in "".join(traceback.format_exception(caught.value, chain=True))
    assert "not verified" in caught.value.message


@pytest.mark.parametrize("to", ["kay", "Kay <kay@example.org>", "kay@example.org\r\nBcc: e@x.org"])
def test_an_invalid_address_is_rejected_before_calling_ses(
    clients: Clients, ses: Stubber, to: str
) -> None:
    assert ses

    with pytest.raises(MailRejected) as caught:
        mailer(clients).send(RAW, to=to, tags=TAGS)

    assert to not in "".join(traceback.format_exception(caught.value, chain=True))


@pytest.mark.parametrize("value", ["", "a@b", "a b", "a" * 257, "ä", "a\n"])
def test_a_tag_ses_would_reject_raises_value_error(clients: Clients, value: str) -> None:
    with pytest.raises(ValueError, match="an SES tag is"):
        mailer(clients).send(RAW, to=TO, tags={"event": value})


def test_parameters_botocore_rejects_are_a_permanent_failure(clients: Clients) -> None:
    nothing: Any = None

    with pytest.raises(MailRejected, match="botocore rejected"):
        mailer(clients).send(nothing, to=TO, tags=TAGS)
