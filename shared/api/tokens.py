"""Verifies bearer tokens: JWTs of one issuer for one audience, signed with one kind of key."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from typing_extensions import override

from shared.api.fields import ID
from shared.domain.address import normalise
from shared.domain.caller import Caller
from shared.domain.errors import ExpiredToken, InvalidToken, ProviderUnreachable, Unauthorized
from shared.domain.role import Role

if TYPE_CHECKING:
    from shared.api.key_set import KeySet

log = logging.getLogger(__name__)

LEEWAY_SECONDS = 30
_TYPES = frozenset({"jwt", "at+jwt"})
"""RFC 7519, 5.1 and RFC 9068, 2.1."""
_ROLES = {role.lower(): role for role in Role}
_MAX_CACHED = 256
CACHE_SECONDS = 60
"""How long a verified token is not verified again."""
WITHDRAWN_SECONDS = 300
"""A key that the issuer removes from its set verifies nothing after this time."""
OUTAGE_SECONDS = 3600
"""How long the last set is used, from its download, while the issuer does not respond."""
_RETRY_SECONDS = 5
"""The shortest time between two attempts to download a first set."""
_UNKNOWN = "The token's kid is not the id of a signing key of the issuer; get a new token."


class TokenKeys(Protocol):
    """A source of verification keys, with the algorithms they are used with."""

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The accepted signature algorithms, whatever the token's header names."""
        ...

    def key(self, token: str) -> Any:
        """Return the key to verify the token with."""
        ...


class SharedSecret(TokenKeys):
    """HS256 with a secret that is fetched on first use."""

    algorithms = ("HS256",)

    def __init__(self, secret: Callable[[], str]) -> None:
        self._secret = secret

    @override
    def key(self, token: str) -> Any:
        return self._secret()


class IssuerKeys(TokenKeys):
    """The issuer's JWK set, downloaded at most once per `cooldown_seconds`.

    A set is downloaded again when a verified token could outlive `WITHDRAWN_SECONDS` with it, and
    for an unknown kid. If that fails, the last set is used until `OUTAGE_SECONDS`.
    `clock` returns seconds since the epoch; a set from the future is expired, because the clock
    was set back.
    """

    algorithms = ("RS256", "ES256")

    def __init__(
        self,
        url: str,
        *,
        timeout_seconds: float = 3,
        cooldown_seconds: float = 30,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._url = url
        self._timeout = timeout_seconds
        self._cooldown = cooldown_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._set: KeySet | None = None
        self._attempted: float | None = None

    @override
    def key(self, token: str) -> Any:
        """Return the key with the token's kid.

        Raises:
            ProviderUnreachable: when no set was downloaded within `OUTAGE_SECONDS`.
            Unauthorized: when the set has no usable key with that kid; the message says why.
            jwt.PyJWTError: when the token is malformed.
        """
        import jwt  # noqa: PLC0415 - loads cryptography, which would slow every cold start

        kid = jwt.get_unverified_header(token).get("kid", "")
        with self._lock:
            if not self._is_within(WITHDRAWN_SECONDS) or not self._has(kid):
                self._refresh()
            usable = self._set if self._is_within(OUTAGE_SECONDS) else None
        if usable is None:
            raise ProviderUnreachable("The token issuer's keys cannot be fetched; try again.")
        if kid not in usable.keys:
            raise InvalidToken(usable.ignored.get(kid, _UNKNOWN))
        return usable.keys[kid]

    def _is_within(self, seconds: float) -> bool:
        """Return whether a token verified now with this set is cached no longer than that."""
        if self._set is None:
            return False
        return 0 <= self._clock() - self._set.downloaded < seconds - CACHE_SECONDS

    def _has(self, kid: str) -> bool:
        return self._set is not None and kid in self._set.keys

    def _refresh(self) -> None:
        now = self._clock()
        wait = self._cooldown if self._set else min(self._cooldown, _RETRY_SECONDS)
        if self._attempted is not None and 0 <= now - self._attempted < wait:
            return
        self._attempted = now
        from shared.api.key_download import download  # noqa: PLC0415 - not in a cold start
        from shared.api.key_set import read_key_set  # noqa: PLC0415 - loads cryptography

        try:
            body = download(self._url, timeout_seconds=self._timeout)
            self._set = read_key_set(body, self.algorithms, now)
        except Exception as error:  # noqa: BLE001 - whatever the issuer sends, the last set is used
            log.warning("issuer's keys not downloaded", extra={"reason": repr(error)})


@dataclass(frozen=True, slots=True)
class _CachedCaller:
    caller: Caller
    verified: float
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
        # A clock that was set back does not make the time longer.
        is_valid = cached and cached.verified <= self._clock() < cached.until
        return cached.caller if cached and is_valid else None

    def _verified(self, token: str) -> Caller:
        now = self._clock()
        claims = self._claims(token)
        caller = _caller(claims)
        if len(self._cached) >= _MAX_CACHED:
            self._cached.clear()
        until = min(int(claims["exp"]), now + CACHE_SECONDS)
        self._cached[token] = _CachedCaller(caller, now, until)
        return caller

    def _claims(self, token: str) -> Mapping[str, Any]:
        import jwt  # noqa: PLC0415 - loads cryptography, which would slow every cold start

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
            raise ExpiredToken("The token has expired; get a new one.") from error
        except (jwt.PyJWTError, ValueError) as error:
            raise InvalidToken(
                "The token is not valid; check its signature, iss, aud, exp and sub."
            ) from error
        claims: Mapping[str, Any] = decoded["payload"]
        return claims


def _check_type(header: Mapping[str, Any]) -> None:
    """Reject tokens of other types, such as ID tokens, that the issuer signs with the same keys."""
    kind = header.get("typ") or "JWT"
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in _TYPES:
        raise InvalidToken("The token is not an access token; its typ must be JWT or at+jwt.")


def _caller(claims: Mapping[str, Any]) -> Caller:
    sub = claims["sub"]
    user = str(sub) if isinstance(sub, int) and not isinstance(sub, bool) else sub
    if not isinstance(user, str) or not ID.fullmatch(user):
        raise InvalidToken("The token's sub is not a user id of 1-64 characters A-Z a-z 0-9 _ -.")
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
