import time
from dataclasses import dataclass, field

from shared.api.tokens import CACHE_SECONDS, TokenVerifier
from tests.support.signed_tokens import AUDIENCE, ISSUER, SECRET, rejection_of, shared


@dataclass
class CountingKeys:
    """The shared secret, with a count of its reads."""

    algorithms: tuple[str, ...] = ("HS256",)
    reads: int = 0

    def key(self, token: str) -> str:
        del token
        self.reads += 1
        return SECRET


@dataclass
class Clock:
    """A fixed clock."""

    at: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return self.at


def caching_verifier() -> tuple[TokenVerifier, CountingKeys, Clock]:
    keys, clock = CountingKeys(), Clock()
    return TokenVerifier(issuer=ISSUER, audience=AUDIENCE, keys=keys, clock=clock), keys, clock


def test_a_verified_token_is_cached_for_a_minute() -> None:
    verifier, keys, clock = caching_verifier()
    token = shared()

    first = verifier.caller(token)
    clock.at += CACHE_SECONDS - 1
    again = verifier.caller(token)
    reads = keys.reads
    clock.at += 1
    verifier.caller(token)

    assert first == again
    assert (1, 2) == (reads, keys.reads)


def test_no_token_is_cached_past_its_expiry() -> None:
    verifier, keys, clock = caching_verifier()
    token = shared(exp=int(clock.at) + 10)
    verifier.caller(token)

    clock.at += 10
    verifier.caller(token)

    assert keys.reads == 2, "only verification itself allows half a minute of leeway"


def test_an_invalid_token_is_checked_every_time() -> None:
    verifier, keys, _ = caching_verifier()
    token = shared(aud="other")

    for _ in range(2):
        rejection_of(lambda: verifier.caller(token))

    assert keys.reads == 2


def test_the_number_of_cached_tokens_is_limited() -> None:
    verifier, keys, _ = caching_verifier()
    for number in range(300):
        verifier.caller(shared(sub=f"u{number}"))

    verifier.caller(shared(sub="u299"))

    assert keys.reads == 300
    assert len(verifier._cached) <= 256
