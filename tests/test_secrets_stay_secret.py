"""No secret that passes through the service is told to anybody or kept in the clear."""

import httpx
import pytest

from tests.support.canaries import kinds_in, spellings
from tests.support.secrets_story import PAGE, Story
from tests.support.secrets_watch import canary, watched

# Whole services at work; plain tests cover the same lines, and tracing them takes as long again.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]

KINDS = {
    "access token",
    "bearer token",
    "client secret",
    "code",
    "id token",
    "key of bearer tokens",
    "nonce",
    "password",
    "refresh token",
    "state",
    "verifier",
}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The whole story, told once; the service has ended, and its logs are whole."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REDIRECT_ALLOW_LIST", PAGE)
        with watched(tmp_path_factory.mktemp("watched")) as watch:
            hooks = {"response": [watch.answered]}
            with httpx.Client(base_url=watch.run.url, timeout=60, event_hooks=hooks) as client:
                told = Story(watch, client)
                told.play()
                plant(told)
    return told


PLANTED = {"log": canary("log"), "answer": canary("answer"), "table": canary("table")}


def plant(story: Story) -> None:
    """Send words that are no secret where the service logs, answers and keeps them."""
    story.ask(404, "GET", f"/api/v1/{PLANTED['log']}/{PLANTED['answer']}")
    body = {
        "userId": "coach-9",
        "provider": "google",
        "email": "planted@gmail.example",
        "accessToken": "x",
        "calendarId": "primary",
        "calendarName": PLANTED["table"],
    }
    bearer = story.watch.token("auth-service", scope="connections:provision")
    story.ask(201, "POST", "/api/v1/connections/auto-provision", bearer, json=body)


def test_there_were_secrets_of_every_kind(story: Story) -> None:
    assert KINDS == {kind for kind, values in story.watch.secrets.items() if values}
    assert min(len(each) for values in story.watch.secrets.values() for each in values) > 12


def test_no_log_line_and_no_traceback_tells_a_secret(story: Story) -> None:
    lines = story.watch.logs.splitlines()

    assert {} == {line: kinds for line in lines if (kinds := kinds_in(line, story.watch.secrets))}


def test_no_answer_tells_a_secret(story: Story) -> None:
    answers = story.watch.answers

    assert {} == {each: kinds for each in answers if (kinds := kinds_in(each, story.watch.secrets))}


def test_no_item_of_either_table_holds_a_secret_in_the_clear(story: Story) -> None:
    items = story.watch.items

    assert {} == {each: kinds for each in items if (kinds := kinds_in(each, story.watch.secrets))}


def test_the_story_went_through_every_kind_of_answer(story: Story) -> None:
    assert {200, 201, 302, 400, 401, 403, 404, 500, 502} == set(story.statuses)
    assert len(story.statuses) == len(story.watch.answers)


@pytest.mark.parametrize(
    "line", ["unexpected failure", "grant not revoked", "refresh comes later", "refused"]
)
def test_the_story_left_traces_in_the_log(story: Story, line: str) -> None:
    assert line in story.watch.logs


def test_what_is_told_and_kept_on_purpose_would_have_been_found(story: Story) -> None:
    secrets = {kind: [value] for kind, value in PLANTED.items()}

    assert {"log", "answer"} <= kinds_in(story.watch.logs, secrets)
    assert {"log", "answer", "table"} == kinds_in("\n".join(story.watch.answers), secrets)
    assert {"table"} == kinds_in("\n".join(story.watch.items), secrets)


@pytest.mark.parametrize("secret", ["4/0Aplain-code", "ya29.a+b/c=", 'quote"<&>ä'])
def test_a_secret_is_found_however_it_is_spelled(secret: str) -> None:
    found = [kinds_in(f"before {each} after", {"kind": [secret]}) for each in spellings(secret)]

    assert len(found) > 5
    assert [{"kind"}] * len(found) == found
