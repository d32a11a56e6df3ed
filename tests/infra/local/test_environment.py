import pytest
from pydantic import ValidationError

from infra.local.environment import check_settings, handler_environment
from infra.local.provider_servers import CaldavAccount, ProviderServers
from infra.local.simulators.google import GoogleSimulator
from infra.local.simulators.microsoft import MicrosoftSimulator

SERVERS = ProviderServers(
    caldav=CaldavAccount(
        url="http://127.0.0.1:5232",
        username="coach-1",
        password="secret",
        calendar_url="http://127.0.0.1:5232/coach-1/calendar/",
    ),
    google=GoogleSimulator(),
    microsoft=MicrosoftSimulator(),
)


def environment(**given: str) -> dict[str, str]:
    created = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "EVENTS_TABLE": "created",
        "STAGE": "local",
    }
    secret = {"AUTH_HS256_SECRET_ID": "auth", "AUTH_ISSUER": "local"}
    return handler_environment(
        given, {**created, **secret}, url="http://127.0.0.1:8", servers=SERVERS
    )


def test_providers_are_simulated_unless_the_environment_sets_others() -> None:
    chosen = environment(GOOGLE_CALENDAR_URL="http://127.0.0.1:9/calendar")

    assert chosen["GOOGLE_CALENDAR_URL"] == "http://127.0.0.1:9/calendar"
    assert chosen["MICROSOFT_GRAPH_URL"] == SERVERS.microsoft.graph_url


def test_given_settings_override_defaults_except_created_resources() -> None:
    result = environment(SLOT_MINUTES="45", EVENTS_TABLE="given", AUTH_ISSUER="https://issuer")

    assert result["SLOT_MINUTES"] == "45"
    assert result["AUTH_ISSUER"] == "https://issuer"
    assert result["EVENTS_TABLE"] == "created"


def test_a_given_sender_is_used_but_not_a_given_topic() -> None:
    given = {"MAIL_SENDER": "us@example.org", "SES_TOPIC_ARNS": "arn:aws:sns:given"}
    created = {"MAIL_SENDER": "calendar@sessions.example", "SES_TOPIC_ARNS": "arn:aws:sns:created"}

    result = handler_environment(given, created, url="http://127.0.0.1:8", servers=SERVERS)

    assert result["MAIL_SENDER"] == "us@example.org"
    assert result["SES_TOPIC_ARNS"] == "arn:aws:sns:created"


def test_a_given_key_set_replaces_the_secret() -> None:
    result = environment(AUTH_JWKS_URL="https://issuer/keys")

    assert "AUTH_HS256_SECRET_ID" not in result


def test_given_calendar_hosts_are_added() -> None:
    assert environment()["CALDAV_ALLOWED_HOSTS"] == "127.0.0.1:5232"
    assert (
        environment(CALDAV_ALLOWED_HOSTS="cal.example:443")["CALDAV_ALLOWED_HOSTS"]
        == "127.0.0.1:5232,cal.example:443"
    )


def test_aws_variables_are_not_passed_on() -> None:
    result = environment(AWS_PROFILE="work", AWS_SESSION_TOKEN="real", PATH="/bin")

    assert {name for name in result if name.startswith("AWS_")} == {"AWS_ENDPOINT_URL"}
    assert result["PATH"] == "/bin"


def test_valid_settings_pass_the_check() -> None:
    check_settings({"SLOT_MINUTES": "45", "GOOGLE_CALENDAR_URL": "http://127.0.0.1:9/calendar"})


@pytest.mark.parametrize(
    "given", [{"SLOT_MINUTES": "abc"}, {"ON_UNREADABLE": "maybe"}, {"MAIL_SENDER": "no address"}]
)
def test_an_invalid_setting_fails_the_check(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match=next(iter(given)).lower()):
        check_settings(given)
