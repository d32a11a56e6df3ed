"""Replaces the placeholders in payload files: tokens, ids, signatures and account details."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import httpx

from functions.connections.examples import EXAMPLES
from infra.local.mail.sns import Topic
from infra.local.provider_servers import SIGN_IN_EMAILS, ProviderServers
from infra.local.tokens import token
from infra.openapi.examples import EXAMPLE_NOW
from infra.payloads.samples import COOKIE, WEBHOOK_ID
from infra.payloads.shapes import Payload
from shared.providers.google.oauth import SCOPES

HOLIDAY_ID = "0b8f7c6e-2f0e-4a57-9d0e-2f6f2f1f9a10"
CONNECTION_ID = "6f1d0c2a-9a54-4f0b-8a39-1f6e0d6c7b21"
CODE, STATE = "4/0AX4XfWh", "c3RhdGU"
"""Placeholders in the examples of the OpenAPI document."""
COMPLETION = EXAMPLES["completeConnection"]["the code of the redirect"]["completion"]

_TOKEN = re.compile(r"<token of ([\w-]+)(?: as ([\w ]+))?(?: with ([\w: ]+))?>")
_ACCOUNTS = {f"connections/start-{provider}": email for provider, email in SIGN_IN_EMAILS.items()}
_SIGNED = "Signature"
_SECONDS = 30


def account_values(servers: ProviderServers) -> dict[str, str]:
    """Return the details of the local CalDAV account, and a token of Google, by placeholders."""
    account, example = servers.caldav, EXAMPLES["connectApple"]["another CalDAV server"]
    values = {"username": account.username, "password": account.password, "serverUrl": account.url}
    caldav = {json.dumps(example[name]): json.dumps(value) for name, value in values.items()}
    handed = EXAMPLES["autoProvisionConnection"]["provider in lower case"]
    access, _ = servers.google.authorization.grant(handed["email"], SCOPES, offline=False)
    return {**caldav, json.dumps(handed["accessToken"]): json.dumps(access)}


def created_values(name: str, result: Any) -> dict[str, str]:
    """Return the ids and codes in the result of the payload of that name, by their placeholders."""
    if name == "holidays/create":
        return {HOLIDAY_ID: _data(result)["id"]}
    if name == "webhooks/create":
        return {WEBHOOK_ID: _data(result)["id"]}
    if name in {"connections/connect-apple", "connections/auto-provision"}:
        return {CONNECTION_ID: _data(result)["id"]}
    if name in _ACCOUNTS:
        parameters = _consent(_data(result)["authorizationUrl"], email=_ACCOUNTS[name])
        cookie, _, _ = result["cookies"][0].partition(";")
        return {CODE: parameters["code"], STATE: parameters["state"], COOKIE: cookie}
    if name == "connections/google-callback-elsewhere":
        return {COMPLETION: httpx.URL(result["headers"]["Location"]).params["completion"]}
    return {}


def fill_placeholders(payload: Payload, *, values: Mapping[str, str], topic: Topic) -> Payload:
    """Return the payload with real values, valid tokens and, over HTTP, a valid SNS signature."""
    filled_in: Payload = _replaced(payload, values)
    if _SIGNED in (body := _json_body(filled_in)):
        return {**filled_in, "body": json.dumps(topic.signed(body["Message"], at=EXAMPLE_NOW))}
    return filled_in


def _replaced(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(each, values) for key, each in value.items()}
    if isinstance(value, list):
        return [_replaced(each, values) for each in value]
    return _text(value, values) if isinstance(value, str) else value


def _text(value: str, values: Mapping[str, str]) -> str:
    for placeholder, replacement in values.items():
        value = value.replace(placeholder, replacement)
        value = value.replace(quote(placeholder, safe=""), quote(replacement, safe=""))
    return _TOKEN.sub(_mint, value)


def _mint(placeholder: re.Match[str]) -> str:
    user, roles, scope = placeholder.groups()
    claims = {"scope": scope} if scope else {}
    return token(user, (roles or "").split(), email=f"{user}@example.com", **claims)


def _json_body(payload: Payload) -> Mapping[str, Any]:
    try:
        body = json.loads(payload["body"])
    except (KeyError, TypeError, ValueError):
        return {}
    return body if isinstance(body, dict) else {}


def _data(result: Mapping[str, Any]) -> Any:
    return json.loads(result["body"])["data"]


def _consent(url: str, *, email: str) -> dict[str, str]:
    """Consent on the provider's page; return the query parameters of its redirect."""
    page = httpx.URL(url).copy_merge_params({"auto": "allow", "login_hint": email})
    callback = httpx.get(page, timeout=_SECONDS).headers["location"]
    return dict(parse_qsl(urlsplit(callback).query))
