"""The routes that take no token, as data: they are throttled tighter than the others.

Where a token is optional most callers have one, and the function limits the others by address.
"""

from infra.routes import Route

PUBLIC = frozenset(
    {
        ("GET", "/health"),
        ("GET", "/docs"),
        ("GET", "/api/v1/openapi.json"),
        ("GET", "/api/v1/legacy/check-availability"),
        ("GET", "/api/v1/legacy/calendar-setup"),
        ("GET", "/api/v1/auth/google/callback"),
        ("GET", "/api/v1/auth/outlook/callback"),
        ("POST", "/api/v1/ses/notifications"),
    }
)
"""Method and path of each."""


def is_public(route: Route) -> bool:
    """Return whether the route takes no token."""
    return (route.method, route.path) in PUBLIC
