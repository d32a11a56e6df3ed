"""Digest authentication (RFC 7616): its examples, and a server that asks for it."""

import hashlib
import re
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

import pytest

from shared.domain.errors import CredentialInvalid
from shared.providers.apple.client import CaldavProvider
from shared.providers.apple.credentials import Credentials
from shared.providers.apple.digest import digest_challenge
from tests.support.loopback_http import loopback_server, read_request, send_response
from tests.support.provider_cases import DAY, apple_account

TIMEOUT = timedelta(seconds=10)
EMPTY = b'<multistatus xmlns="DAV:"/>'
USER = Credentials("Mufasa", "Circle of Life")


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def test_the_response_is_computed_as_in_the_rfc() -> None:
    challenge = digest_challenge(
        'Basic realm="x", Digest realm="http-auth@example.org", qop="auth, auth-int", '
        'algorithm=MD5, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe"'
    )
    assert challenge is not None

    header = challenge.authorization(USER, "GET", "/dir/index.html")

    nonce = re.findall(r'cnonce="(\w+)"', header)[0]
    secret = md5("Mufasa:http-auth@example.org:Circle of Life")
    parts = [secret, challenge.nonce, "00000001", nonce, "auth", md5("GET:/dir/index.html")]
    assert f'response="{md5(":".join(parts))}"' in header
    assert 'opaque="FQhe"' in header
    assert "Circle" not in header


@pytest.mark.parametrize(
    ("header", "algorithm"),
    [
        ('Digest nonce="a", Digest nonce="b", algorithm=SHA-256', "SHA-256"),
        ('Digest nonce="a", algorithm=MD5-sess', "MD5-sess"),
        ('Digest nonce="a", qop="auth-int"', None),
        ('Digest nonce="a", algorithm=SHA-512-256', None),
        ("Digest realm=x", None),
        ('Negotiate, Basic realm="Digest nonce=x"', None),
        (None, None),
    ],
)
def test_only_a_challenge_that_can_be_met_is_used(
    header: str | None, algorithm: str | None
) -> None:
    challenge = digest_challenge(header)

    assert algorithm == (challenge.algorithm if challenge else None)


class DigestServer:
    """Accepts one password, and every nonce once; counts the requests."""

    def __init__(self) -> None:
        self.requests = 0
        self.password = USER.password

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        request = read_request(handler)
        self.requests += 1
        header = request.headers.get("authorization", "")
        fields = dict(re.findall(r'(\w+)="?([^",]+)"?', header))
        secret = md5(f"{USER.username}:dav:{self.password}")
        parts = [secret, "n1", fields.get("nc", ""), fields.get("cnonce", ""), "auth"]
        expected = md5(":".join([*parts, md5(f"{request.method}:{request.path}")]))
        if header.startswith("Digest") and fields["response"] == expected:
            send_response(handler, 207, {"Content-Type": "text/xml"}, EMPTY)
            return
        challenge = 'Digest realm="dav", nonce="n1", qop="auth"'
        send_response(handler, 401, {"WWW-Authenticate": challenge}, b"")


def test_a_server_that_asks_for_digest_gets_it() -> None:
    server = DigestServer()
    with loopback_server(server.serve) as url:
        provider = CaldavProvider([urlsplit(url).netloc])
        account = apple_account(f"{url}/cal/", USER)

        assert () == provider.entries(account, DAY, timeout=TIMEOUT)

    assert 2 == server.requests


def test_a_wrong_password_is_sent_as_digest_once() -> None:
    server = DigestServer()
    server.password = "another"
    with loopback_server(server.serve) as url:
        provider = CaldavProvider([urlsplit(url).netloc])

        with pytest.raises(CredentialInvalid):
            provider.entries(apple_account(f"{url}/cal/", USER), DAY, timeout=TIMEOUT)

    assert 2 == server.requests
