"""The stages: how they differ, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

SlotsStart = Literal["on_demand", "snapstart", "provisioned"]


class StageError(ValueError):
    """The stage is unknown, or a value it needs is missing or wrong."""


@dataclass(frozen=True, slots=True)
class Throttle:
    """Requests per second and burst size of one route, over all callers."""

    rate: int
    burst: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSpec:
    """One stage.

    keeps_data: tables, keys and logs are retained when the stack is deleted, and are protected
    against deletion.
    throttle, public_throttle: of each route, and of each route that takes no token. A bucket is
    shared by all clients: it bounds what the stack spends, and one client must not be able to use
    it up. The service counts per IP address and per user; docs/limits.md.
    slots_start: how the slots function avoids cold starts; `slots_kept_warm` is the number of
    processes for `provisioned`.
    reserves_concurrency: reserve the workers' concurrency. A new account has only 10 in total.
    required: the `DeploymentInputs` this stage cannot do without.
    bus: the name of the EventBridge bus; stages in one account need different ones.
    dependencies, metric_math, mail_identity: off for a local AWS, which runs functions with this
    machine's interpreter, supports no alarm on a formula and verifies no domain.
    """

    name: str
    keeps_data: bool
    log_days: int
    bus: str
    throttle: Throttle
    public_throttle: Throttle
    slots_start: SlotsStart = "on_demand"
    slots_kept_warm: int = 0
    reserves_concurrency: bool = True
    required: tuple[str, ...] = ("issuer", "audience", "jwks_url", "sender")
    dependencies: Literal["dependencies", "local"] = "dependencies"
    metric_math: bool = True
    mail_identity: bool = True


_SMALL = Throttle(rate=50, burst=100)
_SMALL_PUBLIC = Throttle(rate=25, burst=50)

STAGES: Mapping[str, StageSpec] = {
    stage.name: stage
    for stage in (
        StageSpec(
            name="dev",
            keeps_data=False,
            log_days=7,
            bus="calendar-service-dev",
            throttle=_SMALL,
            public_throttle=_SMALL_PUBLIC,
            reserves_concurrency=False,
            required=("issuer", "audience", "sender"),
        ),
        StageSpec(
            name="staging",
            keeps_data=False,
            log_days=30,
            bus="calendar-service-staging",
            throttle=Throttle(rate=200, burst=400),
            public_throttle=Throttle(rate=100, burst=200),
            slots_start="snapstart",
        ),
        StageSpec(
            name="production",
            keeps_data=True,
            log_days=90,
            bus="calendar-service",
            throttle=Throttle(rate=1000, burst=2000),
            public_throttle=Throttle(rate=500, burst=1000),
            slots_start="snapstart",
            required=("issuer", "audience", "jwks_url", "sender", "alarm_address"),
        ),
        StageSpec(
            name="local",
            keeps_data=False,
            log_days=1,
            bus="calendar-service",
            throttle=_SMALL,
            public_throttle=_SMALL_PUBLIC,
            reserves_concurrency=False,
            required=("issuer", "audience", "sender"),
            dependencies="local",
            metric_math=False,
            mail_identity=False,
        ),
    )
}
"""Every stage by name."""


def find_stage(name: str | None) -> StageSpec:
    """Return the stage.

    Raises:
        StageError: the stage does not exist.
    """
    stage = STAGES.get(name or "")
    if stage is None:
        raise StageError(f"Unknown stage {name!r}. Pass -c stage=... with {', '.join(STAGES)}.")
    return stage
