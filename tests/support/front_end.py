"""A platform in front of the local service: a front end's page, and TLS with host names."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from infra.local.gateway import Request, Response
from infra.local.http_server import HttpServer
from infra.local.service import Service, _serving
from tests.support.chromium import Profile

PAGE_PATH = "/calendars"
ALLOW, DENY = "button[value=allow]", "button[value=deny]"
"""The buttons of the simulated consent pages."""

OUTCOME = "#outcome[data-done]"
"""The element of the front end's page that shows how connecting ended."""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Calendars</title>
<link rel="icon" href="data:,"></head><body>
<p id="outcome"></p><button id="confirm" hidden>Connect this calendar</button>
<script>
const query = new URLSearchParams(location.search);
history.replaceState(null, "", location.pathname);

async function call(method, path, body) {
  const response = await fetch(localStorage.api + path, {
    method, credentials: "include", body: body && JSON.stringify(body),
    headers: {Authorization: `Bearer ${localStorage.token}`, "Content-Type": "application/json"},
  });
  return response.json();
}

async function start(provider) {
  const page = encodeURIComponent(location.origin + location.pathname);
  const {data} = await call("GET", `/api/v1/auth/${provider}?redirectUri=${page}`);
  return data.authorizationUrl;
}

function show(outcome) {
  const shown = document.getElementById("outcome");
  shown.textContent = outcome;
  shown.dataset.done = "yes";
}

if (query.get("status") === "confirm") {
  const button = document.getElementById("confirm");
  button.hidden = false;
  button.onclick = async () => {
    const path = `/api/v1/auth/${query.get("provider")}/complete`;
    const result = await call("POST", path, {completion: query.get("completion")});
    show(result.success ? "connected" : result.error.code);
  };
} else if (query.has("status")) {
  show(query.get("error") ?? query.get("status"));
}
</script></body></html>
"""


@dataclass
class FrontEnd:
    """A front end's server; `set_cookies` are the Set-Cookie headers of its page."""

    server: HttpServer
    requests: list[Request] = field(default_factory=list)
    set_cookies: list[str] = field(default_factory=list)

    def page(self, host: str = "127.0.0.1") -> str:
        """Return the page's URL at that host name; with TLS if the name ends with `.test`."""
        scheme = "https" if host.endswith(".test") else "http"
        return f"{scheme}://{host}:{self.server.server_address[1]}{PAGE_PATH}"

    def respond(self, request: Request) -> Response:
        """Return the page."""
        self.requests.append(request)
        cookies = [("set-cookie", each) for each in self.set_cookies]
        headers = (("content-type", "text/html; charset=utf-8"), *cookies)
        return Response(status=200, headers=headers, body=_PAGE.encode())


@dataclass(frozen=True)
class Platform:
    """A running service at the address `api`, and its front end's page."""

    run: Service
    api: str
    front_end: FrontEnd
    page: str

    def sign_in(self, profile: Profile, user: str, *, page: str | None = None) -> None:
        """Sign a user in to the front end."""
        profile.open(page or self.page)
        script = "[localStorage.api, localStorage.token] = values;"
        profile.run(script, self.api, self.run.token(user, ["Coach"]))

    def start(self, profile: Profile, provider: str, *, page: str | None = None) -> str:
        """Start connecting in the front end; return the URL of the consent page."""
        profile.open(page or self.page)
        return str(profile.run("return start(values[0]);", provider))

    def connections(self, user: str) -> list[dict[str, Any]]:
        """Return the connections of a user."""
        headers = {"Authorization": f"Bearer {self.run.token(user, ['Coach'])}"}
        response = httpx.get(f"{self.run.url}/api/v1/connections", headers=headers, timeout=60)
        connections: list[dict[str, Any]] = response.json()["data"]
        return connections


@contextmanager
def front_end(certificate: Path | None = None) -> Iterator[FrontEnd]:
    """Serve the page on a loopback port, with TLS if there is a certificate."""
    with HttpServer(0) as server:
        served = FrontEnd(server)
        server.handler = served.respond
        _use_tls(server, certificate)
        with _serving(server):
            yield served


@contextmanager
def tls_front(certificate: Path) -> Iterator[tuple[int, Callable[[str], None]]]:
    """Serve TLS on a loopback port; yield it, and a function that takes the URL to forward to."""
    with HttpServer(0) as server:
        _use_tls(server, certificate)

        def forward_to(url: str) -> None:
            server.handler = lambda request: _forwarded(url, request)

        with _serving(server):
            yield int(server.server_address[1]), forward_to


def _use_tls(server: HttpServer, certificate: Path | None) -> None:
    if certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )


def _forwarded(url: str, request: Request) -> Response:
    sent = [each for each in request.headers if each[0].lower() not in _OF_THE_CONNECTION]
    # Each request has a client of its own, so that no cookie jar mixes the cookies of browsers.
    response = httpx.request(
        request.method,
        f"{url}{request.target}",
        headers=sent,
        content=request.body,
        timeout=60,
        trust_env=False,
    )
    headers = response.headers.multi_items()
    received = [each for each in headers if each[0] not in _OF_THE_CONNECTION]
    return Response(status=response.status_code, headers=received, body=response.content)


_OF_THE_CONNECTION = (
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "host",
    "transfer-encoding",
)


def self_signed_certificate(folder: Path, *names: str) -> Path:
    """Write a certificate for these host names and its key to a file, and return it."""
    key, start = ec.generate_private_key(ec.SECP256R1()), datetime(2026, 1, 1, tzinfo=UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=36_500))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(each) for each in names]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = folder / "certificate.pem"
    file.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return file
