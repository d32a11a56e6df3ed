"""The simulated Microsoft: sign-in and Graph."""

from infra.local.simulators.microsoft.graph import GRAPH
from infra.local.simulators.microsoft.simulator import (
    CLIENT_ID,
    CLIENT_SECRET,
    EMAILS,
    PERSONAL_EMAIL,
    MicrosoftSimulator,
    serve,
)

__all__ = [
    "CLIENT_ID",
    "CLIENT_SECRET",
    "EMAILS",
    "GRAPH",
    "PERSONAL_EMAIL",
    "MicrosoftSimulator",
    "serve",
]
