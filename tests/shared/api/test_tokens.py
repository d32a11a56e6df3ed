import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from http.server import BaseHTTPRequestHandler
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.api.tokens import BELIEVED_SECONDS, IssuerKeys, SharedSecret, TokenVerifier
from shared.domain.caller import Caller
from shared.domain.errors import ProviderUnreachable, Unauthorized
from shared.domain.role import Role
from tests.support.loopback_http import serving

SECRET = "a-secret-of-at-least-thirty-two-bytes"
ISSUER, AUDIENCE = "https://issuer.example", "calendar"


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def other_rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def claims(**changes: Any) -> dict[str, Any]:
    good = {
        "sub": "user-1",
        "roles": ["Coach"],
        "iss": ISSUER,
        "aud": AUDIENCE,
        "exp": int(time.time()) + 3600,
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not ...}


def verifier(keys: SharedSecret | IssuerKeys | None = None) -> TokenVerifier:
    return TokenVerifier(
        issuer=ISSUER, audience=AUDIENCE, keys=keys or SharedSecret(lambda: SECRET)
    )


def shared(**changes: Any) -> str:
    return f"Bearer {jwt.encode(claims(**changes), SECRET, algorithm='HS256')}"


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


def refused(check: Callable[[], object]) -> str:
    with pytest.raises(Unauthorized) as caught:
        check()
    return caught.value.message


def test_a_token_tells_who_is_asking() -> None:
    caller = verifier().caller(
        shared(
            sub=7,
            roles=["coach", "ADMIN", "Gardener", 7, None],
            email="ada@example.org",
            scope="connections:provision other",
        )
    )

    assert caller == Caller(
        user_id="7",
        roles=frozenset({Role.COACH, Role.ADMIN}),
        email="ada@example.org",
        scopes=frozenset({"connections:provision", "other"}),
    )


@pytest.mark.parametrize(
    "odd", [{"roles": "Admin"}, {"roles": {"Admin": 1}}, {"roles": ...}, {"scope": ["x"]}]
)
def test_odd_claims_give_no_rights(odd: dict[str, Any]) -> None:
    caller = verifier().caller(shared(**{"roles": ["Coach"], **odd}))

    assert Role.ADMIN not in caller.roles
    assert caller.scopes == frozenset()


@pytest.mark.parametrize("email", ["nobody", "a@example.org\r\nBcc: b@example.org", 7, None])
def test_an_address_that_is_none_is_not_kept(email: Any) -> None:
    assert verifier().caller(shared(email=email)).email is None


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic dTpw", "Token x", "x"])
def test_a_header_without_a_bearer_token_says_what_to_send(header: str | None) -> None:
    message = refused(lambda: verifier().caller(header))

    assert message == "Send a token in the header Authorization: Bearer <token>."


def test_the_scheme_may_be_spelled_in_any_case() -> None:
    assert verifier().caller(shared().replace("Bearer", "bEARER ")).user_id == "user-1"


@pytest.mark.parametrize("seconds", [20, -20])
def test_clocks_may_differ_by_half_a_minute(seconds: int) -> None:
    now = int(time.time())

    header = shared(exp=now + seconds, nbf=now - seconds if seconds < 0 else now)

    assert verifier().caller(header).user_id == "user-1"


@pytest.mark.parametrize("past", [40, 3600])
def test_an_expired_token_says_so(past: int) -> None:
    message = refused(lambda: verifier().caller(shared(exp=int(time.time()) - past)))

    assert message == "The token has expired; get a new one."


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://issuer.example.evil"},
        {"iss": ...},
        {"aud": "other"},
        {"aud": ["other", "another"]},
        {"aud": ...},
        {"exp": ...},
        {"sub": ...},
        {"nbf": 4102444800},
        {"exp": "soon"},
        {"aud": 7},
    ],
)
def test_a_claim_that_is_wrong_or_missing_is_refused(wrong: dict[str, Any]) -> None:
    # The library checks the type of iss when it encodes, not what it says.
    message = refused(lambda: verifier().caller(shared(**wrong)))

    assert message == "The token is not valid here; check its signature, iss, aud, exp and sub."


def test_one_of_several_audiences_is_enough() -> None:
    assert verifier().caller(shared(aud=["other", AUDIENCE])).user_id == "user-1"


@pytest.mark.parametrize("sub", ["", "a b", "a/b", "ä", "a" * 65, True, 1.5, [], {}])
def test_a_sub_that_is_no_user_id_is_refused(sub: Any) -> None:
    message = refused(lambda: verifier().caller(shared(sub=sub)))

    assert message.startswith("The token's sub is not a user id")


@pytest.mark.parametrize("kind", ["JWT", "jwt", "at+jwt", "application/at+jwt", None])
def test_access_tokens_come_under_these_types(kind: str | None) -> None:
    header = jwt.encode(claims(), SECRET, algorithm="HS256", headers={"typ": kind})

    assert verifier().caller(f"Bearer {header}").user_id == "user-1"


@pytest.mark.parametrize("kind", ["logout+jwt", "secevent+jwt", "dpop+jwt", "JWE"])
def test_other_tokens_of_the_same_issuer_are_refused(kind: str) -> None:
    header = jwt.encode(claims(), SECRET, algorithm="HS256", headers={"typ": kind})

    message = refused(lambda: verifier().caller(f"Bearer {header}"))

    assert message == "The token is not an access token; its typ must be JWT or at+jwt."


def test_the_secret_is_fetched_when_a_token_comes_and_not_before() -> None:
    fetched: list[str] = []

    def secret() -> str:
        fetched.append("now")
        return SECRET

    built = verifier(SharedSecret(secret))
    assert fetched == []
    built.caller(shared())

    assert fetched == ["now"]


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


@dataclass
class Counting:
    """The shared secret, and how often it was asked for."""

    algorithms: tuple[str, ...] = ("HS256",)
    asked: int = 0

    def key(self, token: str) -> str:
        del token
        self.asked += 1
        return SECRET


@dataclass
class Clock:
    """A clock that stands still."""

    at: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return self.at


def believing() -> tuple[TokenVerifier, Counting, Clock]:
    keys, clock = Counting(), Clock()
    return TokenVerifier(issuer=ISSUER, audience=AUDIENCE, keys=keys, clock=clock), keys, clock


def test_a_token_that_held_is_believed_for_a_minute() -> None:
    one, keys, clock = believing()
    token = shared()

    first = one.caller(token)
    clock.at += BELIEVED_SECONDS - 1
    again = one.caller(token)
    asked = keys.asked
    clock.at += 1
    one.caller(token)

    assert first == again
    assert (1, 2) == (asked, keys.asked)


def test_no_token_is_believed_past_its_expiry() -> None:
    one, keys, clock = believing()
    token = shared(exp=int(clock.at) + 10)
    one.caller(token)

    clock.at += 10
    one.caller(token)

    assert keys.asked == 2, "half a minute more is for the check to grant"


def test_a_token_that_did_not_hold_is_checked_each_time() -> None:
    one, keys, _ = believing()
    token = shared(aud="elsewhere")

    for _ in range(2):
        refused(lambda: one.caller(token))

    assert keys.asked == 2


def test_only_so_many_tokens_are_kept_in_mind() -> None:
    one, keys, _ = believing()
    for number in range(300):
        one.caller(shared(sub=f"u{number}"))

    one.caller(shared(sub="u299"))

    assert keys.asked == 300
    assert len(one._believed) <= 256
