"""A browser's cookies, so far as connecting calendars needs them (RFC 6265bis)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from http.cookies import Morsel, SimpleCookie


@dataclass
class CookieJar:
    """The cookies that one browser has for the service's host, over HTTPS."""

    stored: "dict[str, Morsel[str]]" = field(default_factory=dict)

    def receive(self, headers: Iterable[str]) -> None:
        """Store or delete what Set-Cookie headers say; a prefix must meet its conditions."""
        for header in headers:
            for name, morsel in SimpleCookie(header).items():
                check_prefix(name, morsel)
                if morsel["max-age"] == "0":
                    self.stored.pop(name, None)
                else:
                    self.stored[name] = morsel

    def header(self, path: str) -> dict[str, str]:
        """Return the Cookie header of a top-level GET of `path`; empty without a cookie for it."""
        sent = [
            f"{name}={morsel.value}"
            for name, morsel in self.stored.items()
            if morsel["path"] in ("/", path)
        ]
        return {"Cookie": "; ".join(sent)} if sent else {}


def check_prefix(name: str, morsel: "Morsel[str]") -> None:
    """Check what a browser requires of the prefixes (RFC 6265bis, section 4.1.3)."""
    if name.startswith(("__Host-", "__Secure-")):
        assert morsel["secure"]
    if name.startswith("__Host-"):
        assert (morsel["path"], morsel["domain"]) == ("/", "")
