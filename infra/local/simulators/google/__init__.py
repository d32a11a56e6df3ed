"""The simulated Google: authorization server and Calendar API."""

from infra.local.simulators.google.simulator import (
    CLIENT_ID,
    CLIENT_SECRET,
    EMAILS,
    GUEST_SCOPES,
    GoogleSimulator,
    serve,
)

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "EMAILS", "GUEST_SCOPES", "GoogleSimulator", "serve"]
