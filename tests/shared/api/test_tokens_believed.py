import time
from dataclasses import dataclass, field

from shared.api.tokens import BELIEVED_SECONDS, TokenVerifier
from tests.support.signed_tokens import AUDIENCE, ISSUER, SECRET, refused, shared


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
