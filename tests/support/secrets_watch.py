"""A running service watched from all sides while people do whatever involves a secret."""

import logging
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
from infra.local.elsewhere import SECRETS
from infra.local.server import Service, service
from infra.local.simulators.id_tokens import IdTokens
from tests.support.canaries import text_of

IN_THE_ADDRESS = ("state", "nonce")
"""What an authorization URL must tell; nothing else may."""

_FORM_SECRETS = {
    "code": "code",
    "code_verifier": "verifier",
    "refresh_token": "refresh token",
    "client_secret": "client secret",
}


def canary(kind: str) -> str:
    """Return a secret nobody else has."""
    return f"canary-{kind}-{secrets.token_urlsafe(18)}"


class _RecordingIdTokens(IdTokens):
    def __init__(self) -> None:
        self.given: set[str] = set()

    def signed(self, claims: dict[str, Any]) -> str:
        token = super().signed(claims)
        self.given.add(token)
        return token


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@dataclass
class Watch:
    """What was seen of a service, and every secret there was, by kind."""

    run: Service
    secrets: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    answers: list[str] = field(default_factory=list)
    items: set[str] = field(default_factory=set)
    logs: str = ""
    _clients: dict[str, Any] = field(default_factory=dict)

    def token(self, user: str, *roles: str, **claims: Any) -> str:
        """Return a bearer token, which is a secret too."""
        token = self.run.token(user, list(roles), **claims)
        self.secrets["bearer token"].add(token)
        return token

    def secret(self, kind: str) -> str:
        """Return a new secret of that kind."""
        made = canary(kind.replace(" ", "-"))
        self.secrets[kind].add(made)
        return made

    def answered(self, answer: httpx.Response) -> None:
        """Note an answer of the service, but for what an authorization URL must tell."""
        answer.read()
        body = answer.text
        if answer.is_success and "authorizationUrl" in body:
            url = answer.json()["data"]["authorizationUrl"]
            query = dict(httpx.URL(url).params)
            for each in IN_THE_ADDRESS:
                self.secrets[each].add(query[each])
            told = httpx.URL(url).copy_with(params={**query, "state": "-", "nonce": "-"})
            body = body.replace(url, str(told))
        headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        self.answers.append(f"{answer.status_code}\n{headers}\n{body}")

    def look(self) -> None:
        """Note what the providers have handed out and been sent, and what the tables hold."""
        google, microsoft = self.run.elsewhere.google, self.run.elsewhere.microsoft
        for simulator in (google, microsoft):
            with simulator.lock:
                server: Any = getattr(simulator, "authorization", None) or microsoft.sign_ins
                self.secrets["access token"].update(server.access)
                self.secrets["refresh token"].update(server.refresh)
                self.secrets["code"].update(server._codes)
                self.secrets["id token"].update(server.id_tokens.given)
                for each in simulator.requests:
                    self._look_into(each["body"])
        self.items.update(map(text_of, self._items()))

    def _look_into(self, form: str) -> None:
        for name, values in parse_qs(form).items():
            if name in _FORM_SECRETS:
                self.secrets[_FORM_SECRETS[name]].update(values)

    def _items(self) -> Iterator[Mapping[str, Any]]:
        pages = self.client("dynamodb").get_paginator("scan")
        for table in ("EVENTS_TABLE", "CONNECTIONS_TABLE"):
            for page in pages.paginate(TableName=self.run._environment[table]):
                yield from page["Items"]

    def client(self, name: Literal["dynamodb", "secretsmanager"]) -> Any:
        """Return a client of the AWS the service runs on."""
        if name not in self._clients:
            environment = self.run._environment
            self._clients[name] = open_session(environment).client(
                name, endpoint_url=environment["AWS_ENDPOINT_URL"]
            )
        return self._clients[name]


@contextmanager
def watched(folder: Path, *, workers: int = 2) -> Iterator[Watch]:
    """Run a service and watch it; `logs` is whole once the block has ended."""
    output, ours = folder / "handlers.log", _Lines()
    logger = logging.getLogger("infra.local")
    logger.addHandler(ours)
    try:
        with output.open("ab") as written, service(workers=workers, output=written) as run:
            watch = Watch(run)
            run.elsewhere.google.authorization.id_tokens = _RecordingIdTokens()
            run.elsewhere.microsoft.sign_ins.id_tokens = _RecordingIdTokens()
            watch.secrets["password"].add(run.elsewhere.caldav.password)
            watch.secrets["client secret"].update(value for _, value in SECRETS.values())
            watch.secrets["key of bearer tokens"].add(HS256_SECRET)
            yield watch
            watch.look()
    finally:
        logger.removeHandler(ours)
    watch.logs = output.read_text() + "\n".join(ours.lines)
