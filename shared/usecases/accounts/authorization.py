"""What goes into the authorization code flow and what comes out of it."""

from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.connection import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationStart:
    """The URL to open in the user's browser, and when the attempt expires.

    `browser_secret` is for the browser that started, and for no other; None if flows are not bound
    to a browser.
    """

    url: str
    expires_at: datetime
    state: str = field(repr=False)
    browser_secret: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """The parameters of the provider's redirect, and what the browser sent with it.

    `browser_secret` is the secret that this browser has for this state. A prefetch is a request
    that a browser sends before its user follows a link.
    """

    provider: Provider
    code: str | None = field(repr=False)
    state: str | None = field(repr=False)
    error: str | None
    error_description: str | None = None
    browser_secret: str | None = field(default=None, repr=False)
    is_prefetch: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRedirect:
    """A redirect to the page that started the flow.

    With a `completion` code nothing is connected yet: the user who started must confirm it. Without
    one, `error` is None after success.
    """

    return_to: str
    error: str | None = None
    completion: str | None = field(default=None, repr=False)
