from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.mail import endpoint
from infra.local.mail.endpoint import SesEndpoint
from infra.local.mail.sent import SentMail
from infra.local.simulators.serving import serving
from tests.support.local_mail import raw_mail, send, ses_client


@pytest.fixture
def ses() -> Iterator[SesEndpoint]:
    with serving(SesEndpoint()) as served:
        yield served


@pytest.fixture
def client(ses: SesEndpoint) -> Any:
    return ses_client(ses.url)


def code_of(failure: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    response = failure.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_a_mail_is_stored_with_the_sender_of_the_request(ses: SesEndpoint, client: Any) -> None:
    message_id = send(client, "Guest <guest@example.org>", subject="Zwölf Schüler")

    mail = ses.mail(message_id)

    assert mail is not None
    assert ("guest@example.org",) == mail.to
    given = raw_mail("Guest <guest@example.org>", subject="Zwölf Schüler")
    assert (
        given.replace(b"From: calendar@", b"From: Calendar <calendar@").replace(
            b"sessions.example", b"sessions.example>", 1
        )
        == mail.raw
    )
    assert mail.subject == "Zwölf Schüler"
    assert {"event": "s-1"} == mail.tags
    assert mail.source == "Calendar <calendar@sessions.example>"
    assert mail.configuration_set == "calendar-service"


def test_the_environment_sends_mail_here(ses: SesEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**ses.environment, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}.items():
        monkeypatch.setenv(name, value)

    message_id = send(ses_client(None), "guest@example.org")

    assert [message_id] == [each.message_id for each in ses.mails]


def test_without_a_destination_the_recipients_come_from_the_headers(
    ses: SesEndpoint, client: Any
) -> None:
    send(client, "guest@example.org", Destination={})

    assert [("guest@example.org",)] == [each.to for each in ses.mails]


def test_accepted_is_called_before_the_response(ses: SesEndpoint, client: Any) -> None:
    accepted: list[SentMail] = []
    ses.accepted = accepted.append

    message_id = send(client, "guest@example.org")

    assert [message_id] == [each.message_id for each in accepted]


@pytest.mark.parametrize(
    ("code", "status"),
    [("TooManyRequestsException", 429), ("MessageRejected", 400), ("NotFoundException", 404)],
)
def test_a_requested_error_occurs_once_with_its_own_code(
    ses: SesEndpoint, client: Any, code: str, status: int
) -> None:
    ses.fail_next(code)

    with pytest.raises(ClientError) as failure:
        send(client, "guest@example.org")
    send(client, "guest@example.org")

    assert (code, status) == code_of(failure)
    assert len(ses.mails) == 1


def test_a_throttled_client_retries(ses: SesEndpoint) -> None:
    ses.fail_next("TooManyRequestsException")

    send(ses_client(ses.url, attempts=2), "guest@example.org")

    assert [429, 200] == [each["status"] for each in ses.requests]


def test_an_unknown_error_code_is_rejected(ses: SesEndpoint) -> None:
    with pytest.raises(ValueError, match="unknown SendEmail error Teapot"):
        ses.fail_next("Teapot")


@pytest.mark.parametrize(
    "changes",
    [
        {"EmailTags": [{"Name": "to", "Value": "guest@example.org"}]},
        {"EmailTags": [{"Name": "a b", "Value": "1"}]},
        {"EmailTags": [{"Name": "long", "Value": "x" * 257}]},
        {"Destination": {"ToAddresses": ["nobody"]}},
        {"Destination": {"ToAddresses": [f"guest-{n}@example.org" for n in range(51)]}},
        {"Content": {"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "x"}}}}},
        {"FromEmailAddress": "", "Content": {"Raw": {"Data": b"To: guest@example.org\r\n\r\nx"}}},
    ],
)
def test_a_mail_that_ses_would_reject_is_rejected(
    ses: SesEndpoint, client: Any, changes: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as failure:
        send(client, "guest@example.org", **changes)

    assert code_of(failure) == ("BadRequestException", 400)
    assert ses.mails == ()


def test_another_operation_is_not_found(client: Any) -> None:
    with pytest.raises(ClientError) as failure:
        client.get_account()

    assert code_of(failure) == ("NotFoundException", 404)


def test_trim_leaves_only_the_newest_mails(ses: SesEndpoint, client: Any) -> None:
    first = send(client, "guest@example.org")
    for _ in range(3):
        last = send(client, "guest@example.org")

    ses.trim(2)

    assert ses.mail(first) is None
    assert last == ses.mails[-1].message_id
    assert (2, 2) == (len(ses.mails), len(ses.requests))


def test_a_reset_deletes_all_mail(ses: SesEndpoint, client: Any) -> None:
    send(client, "guest@example.org")

    ses.reset()

    assert ses.mails == ()


def test_the_environment_contains_the_sender(ses: SesEndpoint) -> None:
    assert {
        "AWS_ENDPOINT_URL_SESV2": ses.url,
        "MAIL_SENDER": endpoint.SENDER,
        "SES_CONFIGURATION_SET": endpoint.CONFIGURATION_SET,
    } == ses.environment
