"""Cross-origin requests from front ends, as an API Gateway HTTP API with CORS handles them.

API Gateway developer guide, "Configure CORS for HTTP APIs": preflights are handled without invoking
a function, and every other response to an allowed origin gets the headers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from infra import cors
from infra.local.gateway import Request, Response


@dataclass(frozen=True, slots=True)
class Cors:
    """Allows every loopback origin and the origins in `front_ends`, with credentials.

    Raises:
        ValueError: when a front end is not exactly one https origin.
    """

    front_ends: Sequence[str] = ()

    def __post_init__(self) -> None:
        for each in self.front_ends:
            if not cors.is_front_end(each, is_local=True):
                raise ValueError(f"FRONT_ENDS must list origins like https://app.test, not {each}")

    def respond(self, request: Request, handle: Callable[[Request], Response]) -> Response:
        """Return the response to a preflight, or that of `handle` with the headers added."""
        headers = {name.lower(): value for name, value in request.headers}
        origin = headers.get("origin", "")
        if request.method == "OPTIONS" and "access-control-request-method" in headers and origin:
            return self._preflight(origin)
        response = handle(request)
        return replace(response, headers=(*response.headers, *self._headers(origin)))

    def allows(self, origin: str) -> bool:
        """Return whether pages of that origin may call the API."""
        return origin in self.front_ends or cors.is_loopback(origin)

    def is_foreign(self, request: Request) -> bool:
        """Return whether a request comes from a page that may not call the API.

        Such a page has another origin, or reaches this machine by a host name of its own.
        """
        headers = {name.lower(): value for name, value in request.headers}
        origin, host = headers.get("origin"), headers.get("host", "localhost")
        if origin is not None and not self.allows(origin):
            return True
        return not cors.is_loopback(f"http://{host.lower()}")

    def _preflight(self, origin: str) -> Response:
        if not self.allows(origin):
            return Response(status=204, headers=(("vary", "origin"),), body=b"")
        preflight = (
            ("access-control-allow-methods", ",".join(cors.METHODS)),
            ("access-control-allow-headers", ",".join(cors.REQUEST_HEADERS)),
            ("access-control-max-age", str(int(cors.MAX_AGE.total_seconds()))),
        )
        return Response(status=204, headers=(*self._headers(origin), *preflight), body=b"")

    def _headers(self, origin: str) -> tuple[tuple[str, str], ...]:
        if not self.allows(origin):
            return (("vary", "origin"),) if origin else ()
        return (
            ("vary", "origin"),
            ("access-control-allow-origin", origin),
            ("access-control-allow-credentials", "true"),
            ("access-control-expose-headers", ",".join(cors.RESPONSE_HEADERS)),
        )
