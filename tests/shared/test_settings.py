import pytest
from pydantic import ValidationError

from shared.settings import Settings

REQUIRED = {
    "EVENTS_TABLE": "events",
    "CONNECTIONS_TABLE": "connections",
    "AUTH_ISSUER": "issuer",
    "AUTH_AUDIENCE": "audience",
}
PROVIDER_URLS = {
    "GOOGLE_AUTHORIZE_URL": "https://accounts.google.com/o/oauth2/v2/auth",
    "GOOGLE_TOKEN_URL": "https://oauth2.googleapis.com/token",
    "GOOGLE_REVOKE_URL": "https://oauth2.googleapis.com/revoke",
    "GOOGLE_CALENDAR_URL": "https://www.googleapis.com/calendar/v3",
    "MICROSOFT_AUTHORITY": "https://login.microsoftonline.com/common",
    "MICROSOFT_GRAPH_URL": "https://graph.microsoft.com/v1.0",
}


@pytest.mark.parametrize(("name", "url"), PROVIDER_URLS.items())
def test_provider_addresses_default_to_the_public_ones(name: str, url: str) -> None:
    assert url == getattr(Settings.read(REQUIRED), name.lower())


@pytest.mark.parametrize("name", PROVIDER_URLS)
def test_a_provider_may_have_another_https_address(name: str) -> None:
    settings = Settings.read({**REQUIRED, name: "https://proxy.example:8443/x"})

    assert "https://proxy.example:8443/x" == getattr(settings, name.lower())


@pytest.mark.parametrize("name", PROVIDER_URLS)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_a_local_run_may_simulate_a_provider_on_loopback(name: str, host: str) -> None:
    url = f"http://{host}:8091/any/path"

    settings = Settings.read({**REQUIRED, "STAGE": "local", name: url})

    assert url == getattr(settings, name.lower())


@pytest.mark.parametrize("name", PROVIDER_URLS)
@pytest.mark.parametrize(
    ("stage", "url"),
    [
        ("prod", "http://127.0.0.1:8091/"),
        ("local", "http://provider.example/"),
        ("local", "http://127.0.0.1.evil.example/"),
        ("local", "http://127.0.0.1@evil.example/"),
        ("local", "ftp://127.0.0.1/"),
        ("prod", "https://"),
        ("prod", "accounts.google.com"),
    ],
)
def test_secrets_are_never_sent_without_tls(name: str, stage: str, url: str) -> None:
    with pytest.raises(ValidationError, match=name.lower()):
        Settings.read({**REQUIRED, "STAGE": stage, name: url})


@pytest.mark.parametrize(
    ("stage", "url"),
    [("production", "https://id.example/keys"), ("local", "http://127.0.0.1:8091/keys")],
)
def test_the_issuers_keys_come_over_tls_or_locally_from_loopback(stage: str, url: str) -> None:
    settings = Settings.read({**REQUIRED, "STAGE": stage, "AUTH_JWKS_URL": url})

    assert url == settings.auth_jwks_url


@pytest.mark.parametrize(
    ("stage", "url"),
    [
        ("production", "http://id.example/keys"),
        ("dev", "http://127.0.0.1:8091/keys"),
        ("local", "http://id.example/keys"),
        ("local", "http://127.0.0.1@id.example/keys"),
        ("local", "file:///etc/passwd"),
        ("production", "id.example/keys"),
        ("production", "https://id.example:port/keys"),
    ],
)
def test_the_issuers_keys_are_never_fetched_without_tls(stage: str, url: str) -> None:
    with pytest.raises(ValidationError, match="auth_jwks_url"):
        Settings.read({**REQUIRED, "STAGE": stage, "AUTH_JWKS_URL": url})


@pytest.mark.parametrize(
    ("stage", "page"),
    [
        ("production", "https://app.example/done"),
        ("production", "https://127.0.0.1:3000/done"),
        ("local", "http://127.0.0.1:3000/done"),
        ("local", "http://localhost:3000/done?a=b"),
    ],
)
def test_a_browser_returns_to_https_pages_or_locally_to_loopback(stage: str, page: str) -> None:
    pages = f"https://app.example/other,{page}"

    settings = Settings.read({**REQUIRED, "STAGE": stage, "REDIRECT_ALLOW_LIST": pages})

    assert ("https://app.example/other", page) == settings.redirect_allow_list


@pytest.mark.parametrize(
    ("stage", "page"),
    [
        ("production", "http://app.example/done"),
        ("dev", "http://127.0.0.1:3000/done"),
        ("local", "http://app.example/done"),
        ("local", "http://127.0.0.1.evil.example/done"),
        ("production", "https://app.example@evil.example/done"),
        ("production", "https://*.example/done"),
        ("production", "app.example/done"),
        ("production", "javascript:alert(1)"),
        ("production", "app://done"),
    ],
)
def test_a_browser_never_returns_to_another_page(stage: str, page: str) -> None:
    pages = f"https://app.example/other,{page}"

    with pytest.raises(ValidationError, match="redirect_allow_list"):
        Settings.read({**REQUIRED, "STAGE": stage, "REDIRECT_ALLOW_LIST": pages})


def test_the_domain_of_invitations_is_that_of_the_sender() -> None:
    settings = Settings.read({**REQUIRED, "MAIL_SENDER": "Sessions <sessions@Mail.example>"})

    assert ("mail.example", "") == (settings.mail_domain, Settings.read(REQUIRED).mail_domain)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAIL_SENDER", "Sessions"),
        ("MAIL_SENDER", "a@mail.example\r\nBcc: eve@evil.example"),
        ("SES_CONFIGURATION_SET", "no spaces"),
        ("RSVP_DOMAIN", "localhost"),
        ("RSVP_DOMAIN", "a@rsvp.example"),
        ("RSVP_DOMAIN", ".".join(["a" * 60] * 4)),
        ("RSVP_ORGANIZER", "nobody"),
    ],
)
def test_a_sender_or_configuration_set_that_ses_would_reject_is_rejected_at_start(
    name: str, value: str
) -> None:
    with pytest.raises(ValidationError, match=name.lower()):
        Settings.read({**REQUIRED, name: value})


def test_answers_are_received_only_with_a_domain() -> None:
    settings = Settings.read({**REQUIRED, "RSVP_DOMAIN": "Rsvp.example.org"})

    assert ("rsvp.example.org", "reply_address") == (settings.rsvp_domain, settings.rsvp_organizer)
    assert not Settings.read(REQUIRED).rsvp_domain


TOPICS = "arn:aws:sns:eu-central-1:123456789012:mail,arn:aws-cn:sns:cn-north-1:123456789012:a_b"


def test_topics_are_a_list_of_arns() -> None:
    assert () == Settings.read(REQUIRED).ses_topic_arns
    settings = Settings.read({**REQUIRED, "SES_TOPIC_ARNS": TOPICS.replace(",", " , ")})
    assert tuple(TOPICS.split(",")) == settings.ses_topic_arns


@pytest.mark.parametrize(
    "arn",
    [
        "mail",
        "*",
        "arn:aws:sns:eu-central-1:123456789012:*",
        "arn:aws:sqs:eu-central-1:123456789012:mail",
        "arn:aws:sns:s3.evil:123456789012:mail",
        "arn:aws:sns::123456789012:mail",
        "arn:aws:sns:eu-central-1:12345678901:mail",
        "arn:aws:sns:eu-central-1:123456789012:mail:6f0b6f0e",
    ],
)
def test_a_topic_that_is_not_an_arn_is_rejected_at_start(arn: str) -> None:
    with pytest.raises(ValidationError, match="ses_topic_arns"):
        Settings.read({**REQUIRED, "SES_TOPIC_ARNS": f"{TOPICS},{arn}"})
