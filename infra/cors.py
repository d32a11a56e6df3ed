"""The CORS rules of the API as data, for the stack and for the local gateway."""

from datetime import timedelta
from urllib.parse import urlsplit

METHODS = ("GET", "POST", "PUT", "DELETE")
REQUEST_HEADERS = ("authorization", "content-type")
RESPONSE_HEADERS = ("retry-after",)
"""The headers that a front end's scripts may read."""

MAX_AGE = timedelta(hours=1)


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
