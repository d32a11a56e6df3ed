"""What a payload in a file cannot hold is made up there, and replaced when it is invoked."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import httpx

from functions.connections.examples import EXAMPLES
from infra.local.elsewhere import Elsewhere
from infra.local.mail.sns import Topic
from infra.local.simulators import google, microsoft
from infra.local.tokens import token
from infra.payloads.shapes import AT, Payload

HOLIDAY_ID = "0b8f7c6e-2f0e-4a57-9d0e-2f6f2f1f9a10"
CONNECTION_ID = "6f1d0c2a-9a54-4f0b-8a39-1f6e0d6c7b21"
CODE, STATE = "4/0AX4XfWh", "c3RhdGU"
"""Made up in the examples of the API's document."""

_TOKEN = re.compile(r"<token of ([\w-]+)(?: as ([\w ]+))?(?: with ([\w: ]+))?>")
_ACCOUNTS = {
    "connections/start-google": google.EMAILS[0],
    "connections/start-outlook": microsoft.PERSONAL_EMAIL,
}
_SIGNED = "Signature"
_SECONDS = 30


def made_up(calendars: Elsewhere) -> dict[str, str]:
    """Return what the payloads' CalDAV account is called, by what they call it."""
    account, example = calendars.caldav, EXAMPLES["connectApple"]["another CalDAV server"]
    true = {"username": account.username, "password": account.password, "serverUrl": account.url}
    return {json.dumps(example[name]): json.dumps(value) for name, value in true.items()}


def learned(name: str, answer: Any) -> dict[str, str]:
    """Return what the answer to the payload of that name tells, by what other payloads call it."""
    if name == "holidays/create":
        return {HOLIDAY_ID: _data(answer)["id"]}
    if name in {"connections/connect-apple", "connections/auto-provision"}:
        return {CONNECTION_ID: _data(answer)["id"]}
    if name in _ACCOUNTS:
        back = _consented(_data(answer)["authorizationUrl"], email=_ACCOUNTS[name])
        return {CODE: back["code"], STATE: back["state"]}
    return {}


def spoken(payload: Payload, *, words: Mapping[str, str], topic: Topic) -> Payload:
    """Return the payload with true words, valid tokens and, over HTTP, SNS's true signature."""
    true: Payload = _replaced(payload, words)
    if _SIGNED in (body := _json_body(true)):
        return {**true, "body": json.dumps(topic.signed(body["Message"], at=AT))}
    return true


def _replaced(value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(each, words) for key, each in value.items()}
    if isinstance(value, list):
        return [_replaced(each, words) for each in value]
    return _text(value, words) if isinstance(value, str) else value


def _text(value: str, words: Mapping[str, str]) -> str:
    for made_up_word, true in words.items():
        value = value.replace(made_up_word, true)
        value = value.replace(quote(made_up_word, safe=""), quote(true, safe=""))
    return _TOKEN.sub(_minted, value)


def _minted(found: re.Match[str]) -> str:
    user, roles, scope = found.groups()
    more = {"scope": scope} if scope else {}
    return token(user, (roles or "").split(), email=f"{user}@example.com", **more)


def _json_body(payload: Payload) -> Mapping[str, Any]:
    try:
        body = json.loads(payload["body"])
    except (KeyError, TypeError, ValueError):
        return {}
    return body if isinstance(body, dict) else {}


def _data(answer: Mapping[str, Any]) -> Any:
    return json.loads(answer["body"])["data"]


def _consented(url: str, *, email: str) -> dict[str, str]:
    """Consent at the provider's page and return what the browser would carry back."""
    page = httpx.URL(url).copy_merge_params({"auto": "allow", "login_hint": email})
    back = httpx.get(page, timeout=_SECONDS).headers["location"]
    return dict(parse_qsl(urlsplit(back).query))
