import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.stub import Stubber

from shared.aws.clients import Clients
from shared.aws.mail import SesMailer
from shared.domain.errors import MailFailure, MailRefused, MailUnavailable
from shared.ports import Mailer

RAW = b"Subject: x\r\n\r\nx\r\n"
TO = "kay@example.org"
TAGS = {"event": "1-a", "invite": "0" * 32, "attempt": "1"}
REQUEST = {
    "FromEmailAddress": "sessions@mail.example",
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
    """Clients of an environment that leads to a place nobody answers."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "000000000001")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    return Clients()


@pytest.fixture
def ses(clients: Clients) -> Iterator[Stubber]:
    """SES, which answers what a test says and nothing else."""
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
    port: Mailer = mailer(clients)
    ses.add_response("send_email", {"MessageId": "0100-abc"}, REQUEST)

    assert "0100-abc" == port.send(RAW, to=TO, tags=TAGS)


def test_without_a_configuration_set_none_is_named(clients: Clients, ses: Stubber) -> None:
    plain = {name: value for name, value in REQUEST.items() if name != "ConfigurationSetName"}
    ses.add_response("send_email", {"MessageId": "0100-abc"}, plain)

    sent = mailer(clients, configuration_set="").send(RAW, to=TO, tags=TAGS)

    assert "0100-abc" == sent


def test_the_domain_of_the_recipient_goes_out_in_ascii(clients: Clients, ses: Stubber) -> None:
    expected = {**REQUEST, "Destination": {"ToAddresses": ["kay@xn--bcher-kva.de"]}}
    ses.add_response("send_email", {"MessageId": "0100-abc"}, expected)

    assert "0100-abc" == mailer(clients).send(RAW, to="kay@bücher.de", tags=TAGS)


FAILURES: list[tuple[str, int, type[MailFailure]]] = [
    ("TooManyRequestsException", 429, MailUnavailable),
    ("ThrottlingException", 400, MailUnavailable),
    ("LimitExceededException", 400, MailUnavailable),
    ("SendingPausedException", 400, MailUnavailable),
    ("NotFoundException", 404, MailUnavailable),
    ("AccessDeniedException", 403, MailUnavailable),
    ("InternalFailure", 500, MailUnavailable),
    ("ServiceUnavailable", 503, MailUnavailable),
    ("MessageRejected", 400, MailRefused),
    ("MailFromDomainNotVerifiedException", 400, MailRefused),
    ("BadRequestException", 400, MailRefused),
    ("AccountSuspendedException", 400, MailRefused),
]


@pytest.mark.parametrize(("code", "status", "expected"), FAILURES)
def test_what_another_try_can_mend_is_told_from_what_it_cannot_and_asked_once(
    clients: Clients, ses: Stubber, code: str, status: int, expected: type[MailFailure]
) -> None:
    ses.add_client_error("send_email", code, "said why", http_status_code=status)

    with pytest.raises(expected, match=f"{code} said why"):
        mailer(clients).send(RAW, to=TO, tags=TAGS)


def test_nobody_there_is_a_passing_fault(clients: Clients) -> None:
    with pytest.raises(MailUnavailable, match="did not answer: EndpointConnectionError"):
        mailer(clients).send(RAW, to=TO, tags=TAGS)


def test_a_time_out_is_a_passing_fault(clients: Clients) -> None:
    events: Any = clients.get("sesv2").meta.events

    def hang(**_: object) -> None:
        raise ReadTimeoutError(endpoint_url="http://127.0.0.1:9")

    events.register("before-send.sesv2.SendEmail", hang)

    with pytest.raises(MailUnavailable, match="did not answer: ReadTimeoutError"):
        mailer(clients).send(RAW, to=TO, tags=TAGS)


def test_no_failure_tells_the_address(clients: Clients, ses: Stubber) -> None:
    message = f"Email address is not verified: {TO}, <{TO}>"
    ses.add_client_error("send_email", "MessageRejected", message, http_status_code=400)

    with pytest.raises(MailRefused) as caught:
        mailer(clients).send(RAW, to=TO, tags=TAGS)

    assert TO not in "".join(traceback.format_exception(caught.value, chain=True))
    assert "not verified" in caught.value.message


@pytest.mark.parametrize("to", ["kay", "Kay <kay@example.org>", "kay@example.org\r\nBcc: e@x.org"])
def test_what_is_no_address_is_refused_before_ses_is_asked(
    clients: Clients, ses: Stubber, to: str
) -> None:
    assert ses

    with pytest.raises(MailRefused) as caught:
        mailer(clients).send(RAW, to=to, tags=TAGS)

    assert to not in "".join(traceback.format_exception(caught.value, chain=True))


@pytest.mark.parametrize("value", ["", "a@b", "a b", "a" * 257, "ä", "a\n"])
def test_a_tag_ses_would_refuse_is_the_callers_mistake(clients: Clients, value: str) -> None:
    with pytest.raises(ValueError, match="an SES tag is"):
        mailer(clients).send(RAW, to=TO, tags={"event": value})


def test_parameters_botocore_refuses_are_refused_for_good(clients: Clients) -> None:
    nothing: Any = None

    with pytest.raises(MailRefused, match="botocore refused"):
        mailer(clients).send(nothing, to=TO, tags=TAGS)
