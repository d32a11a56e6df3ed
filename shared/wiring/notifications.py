"""What stands between SNS and the records of mail; its libraries are loaded when first used."""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from shared.settings import settings
from shared.wiring.adapters import clients

if TYPE_CHECKING:
    from shared.aws.notifications import SnsSubscriptions
    from shared.mail.signatures import SnsVerifier

Fetch = Callable[[str], bytes]

_fetches: list[Fetch | None] = [None]


def set_certificates(fetch: Fetch | None) -> None:
    """Read SNS's certificates elsewhere in this process, or with None from SNS.

    For runs on one machine.
    """
    _fetches[:] = [fetch]
    sns_verifier.cache_clear()


def sns_topics() -> tuple[str, ...]:
    """The topics this stack lets SES publish to."""
    return settings().ses_topic_arns


@cache
def sns_verifier() -> "SnsVerifier":
    """The check of messages that come over HTTP."""
    from shared.mail.signatures import SnsVerifier

    return SnsVerifier(topics=sns_topics(), fetch=_fetches[0] or _fetch())


@cache
def subscriptions() -> "SnsSubscriptions":
    """The subscriptions to those topics."""
    from shared.aws.notifications import SnsSubscriptions

    return SnsSubscriptions(clients())


@cache
def _fetch() -> Fetch:
    from shared.mail.certificates import CertificateFiles
    from shared.providers.tls import tls_context

    return CertificateFiles(tls_context()).fetch
