"""The cookie that binds one attempt to connect a calendar to the browser that started it.

Its name contains a digest of the state, so that several attempts at once have a cookie each. Its
value is a random secret. SameSite=Lax lets the browser send it with the provider's redirect, which
is a top-level GET from another site, and not with requests of other sites' pages.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from aws_lambda_powertools.shared.cookies import Cookie, SameSite

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_DIGEST_LENGTH = 16
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,128}")


@dataclass(frozen=True, slots=True)
class BrowserCookie:
    """The cookie of one state, for the callback at `callback_url`.

    Outside loopback it is Secure and its name starts with `__Host-`: then no other host of the same
    domain can set it in a victim's browser. Browsers require Path=/ for that prefix. On loopback
    over HTTP, where browsers reject the prefix, the cookie is limited to the path of the callback.
    """

    callback_url: str
    state: str

    @property
    def name(self) -> str:
        """The name of the cookie."""
        digest = hashlib.sha256(self.state.encode()).hexdigest()[:_DIGEST_LENGTH]
        return f"oauth-{digest}" if self._is_on_loopback else f"__Host-oauth-{digest}"

    def holding(self, secret: str, *, lifetime: timedelta) -> str:
        """Return the Set-Cookie header that stores the secret."""
        return self._header(secret, int(lifetime.total_seconds()))

    def clearing(self) -> str:
        """Return the Set-Cookie header that deletes the cookie."""
        return self._header("", 0)

    def secret_in(self, cookies: Iterable[str]) -> str | None:
        """Return the secret in a request's cookies, each `name=value`; None without one."""
        for each in cookies:
            name, _, value = each.strip().partition("=")
            if name == self.name and _SECRET.fullmatch(value):
                return value
        return None

    @property
    def _is_on_loopback(self) -> bool:
        url = urlsplit(self.callback_url)
        return url.scheme == "http" and url.hostname in _LOOPBACK

    def _header(self, value: str, max_age: int) -> str:
        cookie = Cookie(
            self.name,
            value,
            path=urlsplit(self.callback_url).path if self._is_on_loopback else "/",
            secure=not self._is_on_loopback,
            http_only=True,
            max_age=max_age,
            same_site=SameSite.LAX_MODE,
        )
        return str(cookie)
