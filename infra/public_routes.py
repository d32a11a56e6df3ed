"""The routes that strangers may call, as data: they are throttled tighter than the others."""

from infra.routes import Route

PUBLIC = frozenset(
    {
        ("GET", "/health"),
        ("GET", "/docs"),
        ("GET", "/api/v1/openapi.json"),
        ("GET", "/api/v1/events"),
        ("GET", "/api/v1/legacy/check-availability"),
        ("GET", "/api/v1/legacy/calendar-setup"),
        ("GET", "/api/v1/auth/google/callback"),
        ("GET", "/api/v1/auth/outlook/callback"),
        ("POST", "/api/v1/ses/notifications"),
    }
)
"""Method and path of each."""


def is_public(route: Route) -> bool:
    """Whether nobody needs a token to call it."""
    return (route.method, route.path) in PUBLIC
