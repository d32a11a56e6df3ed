"""Bearer tokens: JWTs of one issuer for one audience, checked against one kind of key."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from shared.api.fields import ID
from shared.domain.address import normalised
from shared.domain.caller import Caller
from shared.domain.errors import ProviderUnreachable, Unauthorized
from shared.domain.role import Role

LEEWAY_SECONDS = 30
_TYPES = frozenset({"jwt", "at+jwt"})
"""RFC 7519, 5.1 and RFC 9068, 2.1."""
_ROLES = {role.lower(): role for role in Role}
BELIEVED_SECONDS = 60
"""How long a token that held is not checked again; a key that is withdrawn is noticed no later."""
_MOST_BELIEVED = 256


class Keys(Protocol):
    """Where the key of a token comes from, and which algorithms go with it."""

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The algorithms a token may be signed with; its own header has no say."""
        ...

    def key(self, token: str) -> Any:
        """Return the key to verify the token with."""
        ...


class SharedSecret:
    """HS256 with a secret that is fetched when first needed."""

    algorithms = ("HS256",)

    def __init__(self, secret: Callable[[], str]) -> None:
        self._secret = secret

    def key(self, token: str) -> Any:  # noqa: ARG002 - one key for every token
        """Return the secret."""
        return self._secret()


class IssuerKeys:
    """The issuer's JWK set, cached five minutes.

    An unknown kid asks again, unless the set was fetched less than `cooldown_seconds` ago.
    """

    algorithms = ("RS256", "ES256")

    def __init__(
        self, url: str, *, timeout_seconds: float = 3, cooldown_seconds: float = 30
    ) -> None:
        import jwt  # noqa: PLC0415 - loads cryptography, which no cold start should wait for

        self._client = jwt.PyJWKClient(
            url, timeout=timeout_seconds, cooldown_duration=cooldown_seconds
        )

    def key(self, token: str) -> Any:
        """Return the key the token's kid names.

        Raises:
            ProviderUnreachable: when the key set cannot be fetched or is none.
            jwt.PyJWTError: when the token is garbled or names no key of the set.
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
    return ProviderUnreachable("The token issuer's keys cannot be fetched just now; try again.")


@dataclass(frozen=True, slots=True)
class _Believed:
    caller: Caller
    until: float


class TokenVerifier:
    """Turns an Authorization header into the caller it proves.

    A front end asks again and again with one token, so one that held is believed for
    `BELIEVED_SECONDS`, never past its expiry. `clock` tells the seconds since the epoch.
    """

    def __init__(
        self, *, issuer: str, audience: str, keys: Keys, clock: Callable[[], float] = time.time
    ) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = keys
        self._clock = clock
        self._believed: dict[str, _Believed] = {}

    def caller(self, authorization: str | None) -> Caller:
        """Return who is asking.

        Raises:
            Unauthorized: saying what is wrong with the header or the token.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthorized("Send a token in the header Authorization: Bearer <token>.")
        return self._known(token.strip()) or self._learned(token.strip())

    def _known(self, token: str) -> Caller | None:
        believed = self._believed.get(token)
        return believed.caller if believed and self._clock() < believed.until else None

    def _learned(self, token: str) -> Caller:
        now = self._clock()
        claims = self._claims(token)
        caller = _caller(claims)
        if len(self._believed) >= _MOST_BELIEVED:
            self._believed.clear()
        self._believed[token] = _Believed(caller, min(int(claims["exp"]), now + BELIEVED_SECONDS))
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
                # Ids may be integers here, which the library's own check of sub refuses.
                options={"require": ["exp", "iss", "aud", "sub"], "verify_sub": False},
            )
            _check_type(decoded["header"])
        except jwt.ExpiredSignatureError as error:
            raise Unauthorized("The token has expired; get a new one.") from error
        except (jwt.PyJWTError, ValueError) as error:
            raise Unauthorized(
                "The token is not valid here; check its signature, iss, aud, exp and sub."
            ) from error
        claims: Mapping[str, Any] = decoded["payload"]
        return claims


def _check_type(header: Mapping[str, Any]) -> None:
    """An issuer signs more than access tokens with the same keys; `typ` tells them apart."""
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
        scopes=frozenset(_words(claims.get("scope"))),
    )


def _address(claim: Any) -> str | None:
    try:
        return normalised(claim) if isinstance(claim, str) else None
    except ValueError:
        # What the platform keeps as an address may be none; the caller is who they are anyway.
        return None


def _roles(claim: Any) -> list[Role]:
    names = claim if isinstance(claim, list) else []
    spelled = [name.lower() for name in names if isinstance(name, str)]
    return [_ROLES[name] for name in spelled if name in _ROLES]


def _words(claim: Any) -> list[str]:
    return claim.split() if isinstance(claim, str) else []
