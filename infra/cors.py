"""The CORS rules of the API as data, for the stack and for the local gateway."""

from datetime import timedelta
from urllib.parse import urlsplit

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
REQUEST_HEADERS = ("authorization", "content-type")
RESPONSE_HEADERS = ("apigw-requestid", "retry-after", "www-authenticate", "x-request-id")
"""The headers that a front end's scripts may read. A response of API Gateway itself has
apigw-requestid, with the id that responses of functions have in x-request-id."""

MAX_AGE = timedelta(hours=1)
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def is_origin(text: str) -> bool:
    """Return whether a text is exactly one origin, as in a request's Origin header.

    Credentials are allowed (the cookie of GET /api/v1/auth/{provider}), so `*` and patterns are
    not: every page on the web could then start connecting in a visitor's browser.
    """
    try:
        url = urlsplit(text)
        is_valid = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        return False
    return (
        is_valid and not {"*", "@"} & set(text) and text == f"{url.scheme}://{url.netloc}".lower()
    )


def is_loopback(origin: str) -> bool:
    """Return whether an origin is of a page on this machine."""
    return is_origin(origin) and urlsplit(origin).hostname in _LOOPBACK


def is_front_end(origin: str, *, is_local: bool) -> bool:
    """Return whether a text is an https origin, or if `is_local` an http one on loopback.

    Anybody on the way can put a page of their own in place of one that comes over http.
    """
    return is_origin(origin) and (origin.startswith("https:") or (is_local and is_loopback(origin)))


def is_page(url: str, *, is_local: bool) -> bool:
    """Return whether a text is the URL of a page of such an origin."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    origin = f"{parts.scheme}://{parts.netloc}".lower()
    return "*" not in url and is_front_end(origin, is_local=is_local)
