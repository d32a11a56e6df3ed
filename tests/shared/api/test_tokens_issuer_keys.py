import base64
import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from http.server import BaseHTTPRequestHandler
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.api.tokens import IssuerKeys
from shared.domain.errors import ProviderUnreachable
from tests.support.loopback_http import serving
from tests.support.signed_tokens import claims, refused, verifier


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def other_rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def issued(key: Any, kid: str | None, *, algorithm: str = "RS256", **headers: Any) -> str:
    told = {**({"kid": kid} if kid else {}), **headers}
    return f"Bearer {jwt.encode(claims(), key, algorithm=algorithm, headers=told)}"


def jwk(key: Any, kid: str) -> dict[str, Any]:
    kind = jwt.algorithms.ECAlgorithm if hasattr(key, "curve") else jwt.algorithms.RSAAlgorithm
    return {**json.loads(kind.to_jwk(key.public_key())), "kid": kid, "use": "sig"}


@dataclass
class Issuer:
    """An issuer on loopback; `paths` are the requests it had."""

    keys: list[dict[str, Any]]
    url: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    paths: list[str] = field(default_factory=list)

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        self.paths.append(request.path)
        body = self.body if self.body is not None else json.dumps({"keys": self.keys}).encode()
        request.send_response(self.status)
        for name, value in {**self.headers, "Content-Length": str(len(body))}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)


@contextmanager
def issuer(*keys: dict[str, Any], **more: Any) -> Iterator[Issuer]:
    one = Issuer(list(keys), **more)
    with serving(one.serve) as url:
        one.url = f"{url}/jwks"
        yield one


def test_rs256_and_es256_are_checked_against_the_issuers_keys() -> None:
    with issuer(jwk(rsa_key(), "r"), jwk(ec_key(), "e")) as one:
        checked = verifier(IssuerKeys(one.url))

        by_rsa = checked.caller(issued(rsa_key(), "r"))
        by_ec = checked.caller(issued(ec_key(), "e", algorithm="ES256"))

    assert (by_rsa.user_id, by_ec.user_id) == ("user-1", "user-1")
    assert one.paths == ["/jwks"]


def test_a_token_signed_by_another_key_of_that_name_is_refused() -> None:
    with issuer(jwk(rsa_key(), "r")) as one:
        checked = verifier(IssuerKeys(one.url))

        assert refused(lambda: checked.caller(issued(other_rsa_key(), "r")))


def test_unknown_kids_do_not_ask_the_issuer_again_while_it_cools_down() -> None:
    with issuer(jwk(rsa_key(), "r")) as one:
        checked = verifier(IssuerKeys(one.url))

        for kid in ("x", "y", "../../etc/passwd", "https://evil.example", None):
            assert refused(partial(checked.caller, issued(rsa_key(), kid)))

    assert one.paths == ["/jwks"]


def test_a_key_added_later_is_found_after_the_cooldown() -> None:
    with issuer(jwk(rsa_key(), "old")) as one:
        checked = verifier(IssuerKeys(one.url, cooldown_seconds=0))
        checked.caller(issued(rsa_key(), "old"))
        one.keys.append(jwk(other_rsa_key(), "new"))

        found = checked.caller(issued(other_rsa_key(), "new"))

    assert (found.user_id, len(one.paths)) == ("user-1", 2)


def test_a_redirect_of_the_key_set_is_not_followed() -> None:
    with (
        issuer(jwk(rsa_key(), "r")) as elsewhere,
        issuer(status=302, headers={"Location": elsewhere.url}) as one,
    ):
        checked = verifier(IssuerKeys(one.url))

        with pytest.raises(ProviderUnreachable):
            checked.caller(issued(rsa_key(), "r"))

    assert (one.paths, elsewhere.paths) == (["/jwks"], [])


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500},
        {"status": 404},
        {"body": b"<html>"},
        {"body": b"\x80"},
        {"body": b'{"keys": []}'},
        {"body": b'{"keys": "none"}'},
        {"body": b"{}"},
        {"body": b"[]"},
    ],
)
def test_without_a_readable_key_set_it_is_the_issuer_who_failed(answer: dict[str, Any]) -> None:
    with issuer(**answer) as one:
        checked = verifier(IssuerKeys(one.url))

        with pytest.raises(ProviderUnreachable):
            checked.caller(issued(rsa_key(), "r"))


def test_an_issuer_that_is_not_there_is_unreachable() -> None:
    with issuer() as one:
        url = one.url

    with pytest.raises(ProviderUnreachable):
        verifier(IssuerKeys(url)).caller(issued(rsa_key(), "r"))


def test_hs256_with_the_public_key_for_a_secret_is_refused() -> None:
    public = rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    parts = [{"alg": "HS256", "typ": "JWT", "kid": "r"}, claims()]
    text = b".".join(
        base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=") for each in parts
    )
    signature = base64.urlsafe_b64encode(hmac.digest(public, text, "sha256")).rstrip(b"=")
    with issuer(jwk(rsa_key(), "r")) as one:
        checked = verifier(IssuerKeys(one.url))

        assert refused(lambda: checked.caller(f"Bearer {(text + b'.' + signature).decode()}"))


def test_a_shared_secret_verifies_no_token_of_a_key_pair() -> None:
    assert refused(lambda: verifier().caller(issued(rsa_key(), "r")))


@pytest.mark.parametrize("name", ["jku", "x5u"])
def test_a_token_cannot_bring_the_address_of_its_keys(name: str) -> None:
    with issuer(jwk(rsa_key(), "r")) as one, issuer(jwk(other_rsa_key(), "r")) as evil:
        checked = verifier(IssuerKeys(one.url))

        assert refused(lambda: checked.caller(issued(other_rsa_key(), "r", **{name: evil.url})))
        assert checked.caller(issued(rsa_key(), "r", **{name: evil.url})).user_id == "user-1"

    assert (one.paths, evil.paths) == (["/jwks"], [])


def test_a_token_cannot_bring_its_key() -> None:
    with issuer(jwk(rsa_key(), "r")) as one:
        checked = verifier(IssuerKeys(one.url))
        own = jwk(other_rsa_key(), "r")

        assert refused(lambda: checked.caller(issued(other_rsa_key(), "r", jwk=own)))


def test_a_key_meant_for_encryption_verifies_nothing() -> None:
    with issuer({**jwk(rsa_key(), "r"), "use": "enc"}, jwk(ec_key(), "e")) as one:
        checked = verifier(IssuerKeys(one.url))

        assert refused(lambda: checked.caller(issued(rsa_key(), "r")))
