"""The record of one Lambda function."""

from dataclasses import dataclass
from datetime import timedelta

from infra.grants import Action, Grants, actions

TOKEN_ROWS: frozenset[Action] = actions("GetItem", "UpdateItem")
"""For refreshing a connection's tokens, which any function that reads calendars may have to do.

It takes the lease, and stores the new tokens or the state `reconnect_required`.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LambdaSpec:
    """One Lambda function.

    folder, module: the handler is in functions/<folder>/<module>.py.
    memory_mb: also determines the share of CPU; 1,769 MB are one vCPU.
    reason: why this memory, time-out and concurrency.
    concurrency: reserved concurrency, both the maximum and guaranteed.
    max_event_age: how long Lambda retries an asynchronous call before it is a dead letter.
    settings: variables of shared/settings.py it reads, in addition to `COMMON`.
    needs: the deployment input without which a stack does not have it.
    """

    folder: str
    memory_mb: int
    timeout: timedelta
    reason: str
    grants: Grants
    settings: tuple[str, ...]
    module: str = "handler"
    concurrency: int | None = None
    max_event_age: timedelta | None = None
    needs: str = ""

    @property
    def handler(self) -> str:
        """The dotted path that Lambda calls."""
        return f"functions.{self.folder}.{self.module}.lambda_handler"
