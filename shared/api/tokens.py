"""Verifies bearer tokens: JWTs of one issuer for one audience, signed with one kind of key."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from shared.api.fields import ID
from shared.domain.address import normalise
from shared.domain.caller import Caller
from shared.domain.errors import ProviderUnreachable, Unauthorized
from shared.domain.role import Role

LEEWAY_SECONDS = 30
_TYPES = frozenset({"jwt", "at+jwt"})
"""RFC 7519, 5.1 and RFC 9068, 2.1."""
_ROLES = {role.lower(): role for role in Role}
CACHE_SECONDS = 60
"""How long a verified token is not verified again. A revoked key is noticed after this time."""
_MAX_CACHED = 256


class TokenKeys(Protocol):
    """A source of verification keys, with the algorithms they are used with."""

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The accepted signature algorithms, whatever the token's header names."""
        ...

    def key(self, token: str) -> Any:
        """Return the key to verify the token with."""
        ...


class SharedSecret:
    """HS256 with a secret that is fetched on first use."""

    algorithms = ("HS256",)

    def __init__(self, secret: Callable[[], str]) -> None:
        self._secret = secret

    def key(self, token: str) -> Any:  # noqa: ARG002 - one key for every token
        """Return the secret."""
        return self._secret()


class IssuerKeys:
    """The issuer's JWK set, cached for five minutes.

    An unknown kid fetches the set again, unless it was fetched less than `cooldown_seconds` ago.
    """

    algorithms = ("RS256", "ES256")

    def __init__(
        self, url: str, *, timeout_seconds: float = 3, cooldown_seconds: float = 30
    ) -> None:
        import jwt  # noqa: PLC0415 - loads cryptography, which would slow every cold start

        self._client = jwt.PyJWKClient(
            url, timeout=timeout_seconds, cooldown_duration=cooldown_seconds
        )

    def key(self, token: str) -> Any:
        """Return the key with the token's kid.

        Raises:
            ProviderUnreachable: when the key set cannot be fetched or is not a key set.
            jwt.PyJWTError: when the token is malformed or its kid is not in the set.
        """
        import jwt  # noqa: PLC0415 - see above

        kid = jwt.get_unverified_header(token).get("kid", "")
        try:
            self._client.get_signing_keys()
        except (jwt.PyJWTError, ValueError) as error:
            raise _unreachable() from error
        try:
            return self._client.get_signing_key(kid)
        except jwt.PyJWKClientConnectionError as error:
            raise _unreachable() from error


def _unreachable() -> ProviderUnreachable:
    return ProviderUnreachable("The token issuer's keys cannot be fetched; try again.")


@dataclass(frozen=True, slots=True)
class _CachedCaller:
    caller: Caller
    until: float


class TokenVerifier:
    """Turns an Authorization header into the caller it authenticates.

    Clients send the same token many times, so a verified token is cached for `CACHE_SECONDS`, but
    never past its expiry. `clock` returns seconds since the epoch.
    """

    def __init__(
        self, *, issuer: str, audience: str, keys: TokenKeys, clock: Callable[[], float] = time.time
    ) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = keys
        self._clock = clock
        self._cached: dict[str, _CachedCaller] = {}

    def caller(self, authorization: str | None) -> Caller:
        """Return the authenticated caller.

        Raises:
            Unauthorized: when the header or the token is invalid; the message gives the reason.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthorized("Send a token in the header Authorization: Bearer <token>.")
        return self._from_cache(token.strip()) or self._verified(token.strip())

    def _from_cache(self, token: str) -> Caller | None:
        cached = self._cached.get(token)
        return cached.caller if cached and self._clock() < cached.until else None

    def _verified(self, token: str) -> Caller:
        now = self._clock()
        claims = self._claims(token)
        caller = _caller(claims)
        if len(self._cached) >= _MAX_CACHED:
            self._cached.clear()
        self._cached[token] = _CachedCaller(caller, min(int(claims["exp"]), now + CACHE_SECONDS))
        return caller

    def _claims(self, token: str) -> Mapping[str, Any]:
        import jwt  # noqa: PLC0415 - see above

        try:
            decoded = jwt.decode_complete(
                token,
                self._keys.key(token),
                algorithms=list(self._keys.algorithms),
                issuer=self._issuer,
                audience=self._audience,
                leeway=LEEWAY_SECONDS,
                # A sub may be an integer here, which PyJWT's own check rejects.
                options={"require": ["exp", "iss", "aud", "sub"], "verify_sub": False},
            )
            _check_type(decoded["header"])
        except jwt.ExpiredSignatureError as error:
            raise Unauthorized("The token has expired; get a new one.") from error
        except (jwt.PyJWTError, ValueError) as error:
            raise Unauthorized(
                "The token is not valid; check its signature, iss, aud, exp and sub."
            ) from error
        claims: Mapping[str, Any] = decoded["payload"]
        return claims


def _check_type(header: Mapping[str, Any]) -> None:
    """Reject tokens of other types, such as ID tokens, that the issuer signs with the same keys."""
    kind = header.get("typ") or "JWT"
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in _TYPES:
        raise Unauthorized("The token is not an access token; its typ must be JWT or at+jwt.")


def _caller(claims: Mapping[str, Any]) -> Caller:
    sub = claims["sub"]
    user = str(sub) if isinstance(sub, int) and not isinstance(sub, bool) else sub
    if not isinstance(user, str) or not ID.fullmatch(user):
        raise Unauthorized("The token's sub is not a user id of 1-64 characters A-Z a-z 0-9 _ -.")
    return Caller(
        user_id=user,
        roles=frozenset(_roles(claims.get("roles"))),
        email=_address(claims.get("email")),
        scopes=frozenset(_scopes(claims.get("scope"))),
    )


def _address(claim: Any) -> str | None:
    try:
        return normalise(claim) if isinstance(claim, str) else None
    except ValueError:
        # An invalid address in the token does not make the caller unauthenticated.
        return None


def _roles(claim: Any) -> list[Role]:
    names = claim if isinstance(claim, list) else []
    spelled = [name.lower() for name in names if isinstance(name, str)]
    return [_ROLES[name] for name in spelled if name in _ROLES]


def _scopes(claim: Any) -> list[str]:
    return claim.split() if isinstance(claim, str) else []
