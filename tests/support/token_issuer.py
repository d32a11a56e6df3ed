"""A token issuer on loopback, with keys and tokens that they sign."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.support.loopback_http import loopback_server
from tests.support.signed_tokens import claims


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    """Return the RSA key of the issuer."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def other_rsa_key() -> rsa.RSAPrivateKey:
    """Return another RSA key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    """Return a P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def signed(key: Any, kid: str | None, *, algorithm: str = "RS256", **headers: Any) -> str:
    """Return an Authorization header with a token signed with a key."""
    header = {**({"kid": kid} if kid else {}), **headers}
    return f"Bearer {jwt.encode(claims(), key, algorithm=algorithm, headers=header)}"


def jwk(key: Any, kid: str) -> dict[str, Any]:
    """Return the public key as an entry of a JWK set."""
    kind = jwt.algorithms.ECAlgorithm if hasattr(key, "curve") else jwt.algorithms.RSAAlgorithm
    return {**json.loads(kind.to_jwk(key.public_key())), "kid": kid, "use": "sig"}


def private_jwk(key: rsa.RSAPrivateKey, kid: str) -> dict[str, Any]:
    """Return the private key as an entry of a JWK set, which an issuer must never publish."""
    return {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key)), "kid": kid, "use": "sig"}


@dataclass
class Issuer:
    """A token issuer on loopback; `paths` are the requests it received."""

    keys: list[dict[str, Any]]
    url: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    paths: list[str] = field(default_factory=list)

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        """Send the key set, or what the test chose instead."""
        self.paths.append(request.path)
        body = self.body if self.body is not None else json.dumps({"keys": self.keys}).encode()
        request.send_response(self.status)
        for name, value in {**self.headers, "Content-Length": str(len(body))}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)


@contextmanager
def issuer(*keys: dict[str, Any], **options: Any) -> Iterator[Issuer]:
    """Run an issuer with keys."""
    server = Issuer(list(keys), **options)
    with loopback_server(server.serve) as url:
        server.url = f"{url}/jwks"
        yield server
