"""Requests that come through CloudFront: proof that they do, and the address of the viewer."""

import hmac
from collections.abc import Mapping

from shared import wiring
from shared.settings import settings

SECRET_HEADER = "x-origin-secret"  # noqa: S105 - the name of a header
"""CloudFront sends the secret of `ORIGIN_SECRET_ID` in this header."""

ADDRESS_HEADER = "x-viewer-address"
"""CloudFront sends the viewer's IP address in this header."""


def is_from_edge(headers: Mapping[str, str]) -> bool:
    """Return whether the request may be handled: it came through CloudFront, if there is one.

    Header names are in lower case, as API Gateway sends them.
    """
    secret_id = settings().origin_secret_id
    if not secret_id:
        return True
    sent = headers.get(SECRET_HEADER, "")
    return hmac.compare_digest(sent.encode(), wiring.secrets().get(secret_id).encode())


def viewer_address(headers: Mapping[str, str], source_ip: str) -> str:
    """Return the IP address of the client; a client's own headers never decide it."""
    return headers.get(ADDRESS_HEADER, "") if settings().origin_secret_id else source_ip
