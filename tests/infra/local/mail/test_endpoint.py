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
    answer = failure.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_a_mail_is_kept_as_it_came(ses: SesEndpoint, client: Any) -> None:
    message_id = send(client, "Guest <guest@example.org>", subject="Zwölf Schüler")

    mail = ses.mail(message_id)

    assert mail is not None
    assert ("guest@example.org",) == mail.to
    assert raw_mail("Guest <guest@example.org>", subject="Zwölf Schüler") == mail.raw
    assert mail.subject == "Zwölf Schüler"
    assert {"event": "s-1"} == mail.tags
    assert mail.source == "Calendar <calendar@sessions.example>"
    assert mail.configuration_set == "calendar-service"


def test_the_environment_leads_mail_here(ses: SesEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**ses.environment, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}.items():
        monkeypatch.setenv(name, value)

    message_id = send(ses_client(None), "guest@example.org")

    assert [message_id] == [each.message_id for each in ses.mails]


def test_recipients_are_those_of_the_headers_when_none_are_named(
    ses: SesEndpoint, client: Any
) -> None:
    send(client, "guest@example.org", Destination={})

    assert [("guest@example.org",)] == [each.to for each in ses.mails]


def test_each_mail_is_told_of_before_the_answer(ses: SesEndpoint, client: Any) -> None:
    told: list[SentMail] = []
    ses.accepted = told.append

    message_id = send(client, "guest@example.org")

    assert [message_id] == [each.message_id for each in told]


@pytest.mark.parametrize(
    ("code", "status"),
    [("TooManyRequestsException", 429), ("MessageRejected", 400), ("NotFoundException", 404)],
)
def test_an_error_asked_for_comes_once_under_its_own_name(
    ses: SesEndpoint, client: Any, code: str, status: int
) -> None:
    ses.fail_next(code)

    with pytest.raises(ClientError) as failure:
        send(client, "guest@example.org")
    send(client, "guest@example.org")

    assert (code, status) == code_of(failure)
    assert len(ses.mails) == 1


def test_a_client_that_is_throttled_tries_again(ses: SesEndpoint) -> None:
    ses.fail_next("TooManyRequestsException")

    send(ses_client(ses.url, attempts=2), "guest@example.org")

    assert [429, 200] == [each["status"] for each in ses.requests]


def test_an_error_ses_does_not_have_cannot_be_asked_for(ses: SesEndpoint) -> None:
    with pytest.raises(ValueError, match="no error of SendEmail: Teapot"):
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
def test_a_mail_ses_would_not_take_is_refused(
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


def test_only_the_newest_mails_are_kept(ses: SesEndpoint, client: Any) -> None:
    first = send(client, "guest@example.org")
    for _ in range(3):
        last = send(client, "guest@example.org")

    ses.keep(2)

    assert ses.mail(first) is None
    assert last == ses.mails[-1].message_id
    assert (2, 2) == (len(ses.mails), len(ses.requests))


def test_a_reset_forgets_all_mail(ses: SesEndpoint, client: Any) -> None:
    send(client, "guest@example.org")

    ses.reset()

    assert ses.mails == ()


def test_what_it_sends_as_is_in_the_environment(ses: SesEndpoint) -> None:
    assert {
        "AWS_ENDPOINT_URL_SESV2": ses.url,
        "MAIL_SENDER": endpoint.SENDER,
        "SES_CONFIGURATION_SET": endpoint.CONFIGURATION_SET,
    } == ses.environment
