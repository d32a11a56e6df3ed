"""HTTP Digest access authentication (RFC 7616), without integrity protection of bodies."""

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from shared.providers.apple.credentials import Credentials

_PARAMETERS = re.compile(
    r'\s*,?\s*([a-zA-Z][a-zA-Z0-9_-]{0,30})\s*=\s*(?:"((?:\\.|[^"\\]){0,2000})"|([^\s",]{0,2000}))'
)
_SCHEME = re.compile(r"(?:^|,)\s*Digest\s+", re.IGNORECASE)
_HASHES: dict[str, Callable[[bytes], str]] = {
    "SHA-256": lambda data: hashlib.sha256(data).hexdigest(),
    # Many servers still offer nothing better; the connection itself is encrypted.
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
}
_SESSION = "-SESS"


@dataclass(slots=True)
class DigestChallenge:
    """A server's challenge; `authorization` counts how often its nonce has been used."""

    realm: str
    nonce: str
    algorithm: str
    opaque: str | None
    has_qop: bool
    is_stale: bool
    _count: int = field(default=0, init=False)

    def authorization(self, credentials: Credentials, method: str, uri: str) -> str:
        """Return the value of the Authorization header for one request.

        A header is sent as Latin-1, so the text is UTF-8 in which every byte is one character.
        """
        self._count += 1
        client_nonce, count = secrets.token_hex(8), f"{self._count:08x}"
        fields = {
            "username": credentials.username,
            "realm": self.realm,
            "nonce": self.nonce,
            "uri": uri,
            "response": self._response(credentials, method, uri, client_nonce, count),
        }
        quoted = [f'{name}="{_escaped(value)}"' for name, value in fields.items()]
        quoted.append(f"algorithm={self.algorithm}")
        if self.opaque is not None:
            quoted.append(f'opaque="{_escaped(self.opaque)}"')
        if self.has_qop:
            quoted.append(f'qop=auth, nc={count}, cnonce="{client_nonce}"')
        return f"Digest {', '.join(quoted)}".encode().decode("latin-1")

    def _response(
        self, credentials: Credentials, method: str, uri: str, client_nonce: str, count: str
    ) -> str:
        name = self.algorithm.upper()
        secret = self._hash(f"{credentials.username}:{self.realm}:{credentials.password}")
        if name.endswith(_SESSION):
            secret = self._hash(f"{secret}:{self.nonce}:{client_nonce}")
        request = self._hash(f"{method}:{uri}")
        if not self.has_qop:
            return self._hash(f"{secret}:{self.nonce}:{request}")
        return self._hash(f"{secret}:{self.nonce}:{count}:{client_nonce}:auth:{request}")

    def _hash(self, text: str) -> str:
        return _HASHES[self.algorithm.upper().removesuffix(_SESSION)](text.encode())


def digest_challenge(header: str | None) -> DigestChallenge | None:
    """Return the best Digest challenge in a WWW-Authenticate header that can be met, or None."""
    found = [_challenge(header or "", each.end()) for each in _SCHEME.finditer(header or "")]
    usable = [each for each in found if each is not None]
    return max(usable, key=lambda each: each.algorithm.upper().startswith("SHA"), default=None)


def _challenge(header: str, start: int) -> DigestChallenge | None:
    parameters: dict[str, str] = {}
    while (match := _PARAMETERS.match(header, start)) is not None:
        name, quoted, plain = match.groups()
        value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else plain
        parameters.setdefault(name.lower(), value)
        start = match.end()
    algorithm, qop = parameters.get("algorithm") or "MD5", parameters.get("qop")
    offered = {each.strip().lower() for each in qop.split(",")} if qop else set()
    is_known = algorithm.upper().removesuffix(_SESSION) in _HASHES
    if not is_known or "nonce" not in parameters or (offered and "auth" not in offered):
        return None
    return DigestChallenge(
        realm=parameters.get("realm", ""),
        nonce=parameters["nonce"],
        algorithm=algorithm,
        opaque=parameters.get("opaque"),
        has_qop=bool(offered),
        is_stale=parameters.get("stale", "").lower() == "true",
    )


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
