"""A running service whose responses, logs, table items and secrets are recorded."""

import logging
import re
import secrets
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs

import httpx

from infra.local.aws import HS256_SECRET, open_session
from infra.local.provider_servers import SECRETS
from infra.local.service import Service, service
from infra.local.simulators.id_tokens import IdTokens
from tests.support.secret_search import text_of

URL_SECRETS = ("state", "nonce")
"""The secrets that an authorization URL contains; nothing else may contain them."""

_FORM_SECRETS = {
    "code": "code",
    "code_verifier": "verifier",
    "refresh_token": "refresh token",
    "client_secret": "client secret",
}


_HEADER_SECRETS = {
    "browser cookie": r"set-cookie: [\w-]+=([\w-]+)",
    "completion code": r"completion=([\w-]+)",
}


def unique_secret(kind: str) -> str:
    """Return a new random secret."""
    return f"canary-{kind}-{secrets.token_urlsafe(18)}"


class _RecordingIdTokens(IdTokens):
    def __init__(self) -> None:
        self.issued: set[str] = set()

    def signed(self, claims: dict[str, Any]) -> str:
        token = super().signed(claims)
        self.issued.add(token)
        return token


class _LogLines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@dataclass
class ServiceRecorder:
    """What a service returned, stored and logged, and every secret by kind."""

    run: Service
    secrets: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    responses: list[str] = field(default_factory=list)
    items: set[str] = field(default_factory=set)
    logs: str = ""
    _clients: dict[str, Any] = field(default_factory=dict)

    def token(self, user: str, *roles: str, **claims: Any) -> str:
        """Return a bearer token, and record it as a secret."""
        token = self.run.token(user, list(roles), **claims)
        self.secrets["bearer token"].add(token)
        return token

    def secret(self, kind: str) -> str:
        """Return a new secret of that kind."""
        secret = unique_secret(kind.replace(" ", "-"))
        self.secrets[kind].add(secret)
        return secret

    def record_response(self, response: httpx.Response) -> None:
        """Record a response, without the secrets that are meant for the browser.

        These are the state and nonce of an authorization URL, a cookie and a completion code.
        """
        response.read()
        body = response.text
        if response.is_success and "authorizationUrl" in body:
            url = response.json()["data"]["authorizationUrl"]
            query = dict(httpx.URL(url).params)
            for name in URL_SECRETS:
                self.secrets[name].add(query[name])
            censored = httpx.URL(url).copy_with(params={**query, "state": "-", "nonce": "-"})
            body = body.replace(url, str(censored))
        headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
        for kind, pattern in _HEADER_SECRETS.items():
            found = set(re.findall(pattern, headers))
            self.secrets[kind].update(found)
            for each in found:
                headers = headers.replace(each, "-")
        self.responses.append(f"{response.status_code}\n{headers}\n{body}")

    def record_state(self) -> None:
        """Record what the providers have issued and received, and the items of both tables."""
        google, microsoft = self.run.servers.google, self.run.servers.microsoft
        for simulator in (google, microsoft):
            with simulator.lock:
                server: Any = getattr(simulator, "authorization", None) or microsoft.sign_ins
                self.secrets["access token"].update(server.access)
                self.secrets["refresh token"].update(server.refresh)
                self.secrets["code"].update(server._codes)
                self.secrets["id token"].update(server.id_tokens.issued)
                for request in simulator.requests:
                    self._record_form(request["body"])
        self.items.update(map(text_of, self._items()))

    def _record_form(self, form: str) -> None:
        for name, values in parse_qs(form).items():
            if name in _FORM_SECRETS:
                self.secrets[_FORM_SECRETS[name]].update(values)

    def _items(self) -> Iterator[Mapping[str, Any]]:
        pages = self.client("dynamodb").get_paginator("scan")
        for table in ("EVENTS_TABLE", "CONNECTIONS_TABLE"):
            for page in pages.paginate(TableName=self.run._environment[table]):
                yield from page["Items"]

    def client(self, name: Literal["dynamodb", "secretsmanager"]) -> Any:
        """Return a client for the AWS that the service uses."""
        if name not in self._clients:
            environment = self.run._environment
            self._clients[name] = open_session(environment).client(
                name, endpoint_url=environment["AWS_ENDPOINT_URL"]
            )
        return self._clients[name]


@contextmanager
def recorded_service(folder: Path, *, workers: int = 2) -> Iterator[ServiceRecorder]:
    """Run a service and record it; `logs` is complete after the block has ended."""
    output, log_lines = folder / "handlers.log", _LogLines()
    logger = logging.getLogger("infra.local")
    logger.addHandler(log_lines)
    try:
        with output.open("ab") as written, service(workers=workers, output=written) as run:
            recorder = ServiceRecorder(run)
            run.servers.google.authorization.id_tokens = _RecordingIdTokens()
            run.servers.microsoft.sign_ins.id_tokens = _RecordingIdTokens()
            recorder.secrets["password"].add(run.servers.caldav.password)
            recorder.secrets["client secret"].update(value for _, value in SECRETS.values())
            recorder.secrets["key of bearer tokens"].add(HS256_SECRET)
            yield recorder
            recorder.record_state()
    finally:
        logger.removeHandler(log_lines)
    recorder.logs = output.read_text() + "\n".join(log_lines.lines)
