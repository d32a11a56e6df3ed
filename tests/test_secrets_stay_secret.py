"""No secret appears in a response, in a log, or unencrypted in a table."""

import httpx
import pytest

from tests.support.recorded_service import recorded_service, unique_secret
from tests.support.secret_search import kinds_in, spellings
from tests.support.secrets_scenario import PAGE, SecretsScenario

# Other tests cover the same lines, and tracing a whole service would double the time.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]

KINDS = {
    "access token",
    "bearer token",
    "browser cookie",
    "client secret",
    "code",
    "completion code",
    "id token",
    "key of bearer tokens",
    "nonce",
    "password",
    "refresh token",
    "state",
    "verifier",
}


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> SecretsScenario:
    """The finished scenario: the service has stopped, so its logs are complete."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REDIRECT_ALLOW_LIST", PAGE)
        with recorded_service(tmp_path_factory.mktemp("recorded")) as recorder:
            hooks = {"response": [recorder.record_response]}
            with httpx.Client(base_url=recorder.run.url, timeout=60, event_hooks=hooks) as client:
                scenario = SecretsScenario(recorder, client)
                scenario.run_all()
                send_known_texts(scenario)
    return scenario


KNOWN_TEXTS = {
    "log": unique_secret("log"),
    "response": unique_secret("response"),
    "table": unique_secret("table"),
}


def send_known_texts(scenario: SecretsScenario) -> None:
    """Send texts that are not secret to where the service logs, returns and stores them."""
    scenario.call(404, "GET", f"/api/v1/{KNOWN_TEXTS['log']}/{KNOWN_TEXTS['response']}")
    body = {
        "userId": "coach-9",
        "provider": "google",
        "email": "known@gmail.example",
        "accessToken": "x",
        "refreshToken": "refresh-token-that-has-ended",
        "calendarId": "primary",
        "calendarName": KNOWN_TEXTS["table"],
    }
    bearer = scenario.recorder.token("auth-service", scope="connections:provision")
    scenario.call(201, "POST", "/api/v1/connections/auto-provision", bearer, json=body)


def test_the_scenario_used_secrets_of_every_kind(scenario: SecretsScenario) -> None:
    assert KINDS == {kind for kind, values in scenario.recorder.secrets.items() if values}
    assert min(len(each) for values in scenario.recorder.secrets.values() for each in values) > 12


def test_no_log_line_contains_a_secret(scenario: SecretsScenario) -> None:
    lines = scenario.recorder.logs.splitlines()

    assert {} == {
        line: kinds for line in lines if (kinds := kinds_in(line, scenario.recorder.secrets))
    }


def test_no_response_contains_a_secret(scenario: SecretsScenario) -> None:
    responses = scenario.recorder.responses

    assert {} == {
        each: kinds for each in responses if (kinds := kinds_in(each, scenario.recorder.secrets))
    }


def test_no_table_item_contains_an_unencrypted_secret(scenario: SecretsScenario) -> None:
    items = scenario.recorder.items

    assert {} == {
        each: kinds for each in items if (kinds := kinds_in(each, scenario.recorder.secrets))
    }


def test_the_scenario_received_every_kind_of_status(scenario: SecretsScenario) -> None:
    assert {200, 201, 302, 400, 401, 403, 404, 500, 502} == set(scenario.statuses)
    assert len(scenario.statuses) == len(scenario.recorder.responses)


@pytest.mark.parametrize(
    "line", ["unexpected failure", "grant not revoked", "refresh postponed", "request rejected"]
)
def test_the_scenario_reached_the_log_lines_of_failures(
    scenario: SecretsScenario, line: str
) -> None:
    assert line in scenario.recorder.logs


def test_the_search_finds_known_texts_in_logs_responses_and_tables(
    scenario: SecretsScenario,
) -> None:
    secrets = {kind: [value] for kind, value in KNOWN_TEXTS.items()}

    assert {"log", "response"} <= kinds_in(scenario.recorder.logs, secrets)
    assert {"log", "response", "table"} == kinds_in("\n".join(scenario.recorder.responses), secrets)
    assert {"table"} == kinds_in("\n".join(scenario.recorder.items), secrets)


@pytest.mark.parametrize("secret", ["4/0Aplain-code", "ya29.a+b/c=", 'quote"<&>ä'])
def test_a_secret_is_found_in_every_encoding(secret: str) -> None:
    kinds = [kinds_in(f"before {each} after", {"kind": [secret]}) for each in spellings(secret)]

    assert len(kinds) > 5
    assert [{"kind"}] * len(kinds) == kinds
