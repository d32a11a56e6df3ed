from infra.local.elsewhere import CaldavAccount, Elsewhere
from infra.local.server import _environment
from infra.local.simulators.google import GoogleSimulator
from infra.local.simulators.microsoft import Microsoft

CALENDARS = Elsewhere(
    caldav=CaldavAccount(
        url="http://127.0.0.1:5232",
        username="coach-1",
        password="secret",
        calendar_url="http://127.0.0.1:5232/coach-1/calendar/",
    ),
    google=GoogleSimulator(),
    microsoft=Microsoft(),
)


def environment(**given: str) -> dict[str, str]:
    created = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "EVENTS_TABLE": "ours", "STAGE": "local"}
    secret = {"AUTH_HS256_SECRET_ID": "auth", "AUTH_ISSUER": "local"}
    return _environment(given, {**created, **secret}, url="http://127.0.0.1:8", calendars=CALENDARS)


def test_providers_are_simulated_unless_the_environment_names_others() -> None:
    chosen = environment(GOOGLE_CALENDAR_URL="http://127.0.0.1:9/calendar")

    assert chosen["GOOGLE_CALENDAR_URL"] == "http://127.0.0.1:9/calendar"
    assert chosen["MICROSOFT_GRAPH_URL"] == CALENDARS.microsoft.graph_url


def test_settings_of_the_environment_win_but_for_what_is_created_here() -> None:
    made = environment(SLOT_MINUTES="45", EVENTS_TABLE="theirs", AUTH_ISSUER="https://issuer")

    assert made["SLOT_MINUTES"] == "45"
    assert made["AUTH_ISSUER"] == "https://issuer"
    assert made["EVENTS_TABLE"] == "ours"


def test_a_sender_of_the_environment_wins_but_not_a_topic_nobody_here_publishes_to() -> None:
    theirs = {"MAIL_SENDER": "us@example.org", "SES_TOPIC_ARNS": "arn:aws:sns:theirs"}
    ours = {"MAIL_SENDER": "calendar@sessions.example", "SES_TOPIC_ARNS": "arn:aws:sns:ours"}

    made = _environment(theirs, ours, url="http://127.0.0.1:8", calendars=CALENDARS)

    assert made["MAIL_SENDER"] == "us@example.org"
    assert made["SES_TOPIC_ARNS"] == "arn:aws:sns:ours"


def test_a_key_set_of_the_environment_replaces_the_secret() -> None:
    made = environment(AUTH_JWKS_URL="https://issuer/keys")

    assert "AUTH_HS256_SECRET_ID" not in made


def test_allowed_calendar_hosts_are_added_to() -> None:
    assert environment()["CALDAV_ALLOWED_HOSTS"] == "127.0.0.1:5232"
    assert (
        environment(CALDAV_ALLOWED_HOSTS="cal.example:443")["CALDAV_ALLOWED_HOSTS"]
        == "127.0.0.1:5232,cal.example:443"
    )


def test_no_handler_sees_an_aws_account_of_this_process() -> None:
    made = environment(AWS_PROFILE="work", AWS_SESSION_TOKEN="real", PATH="/bin")

    assert {name for name in made if name.startswith("AWS_")} == {"AWS_ENDPOINT_URL"}
    assert made["PATH"] == "/bin"
