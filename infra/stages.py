"""The stages: what differs between them, and what each owner of a deployment must tell."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from infra.environment import SLOT_RULES

SlotsStart = Literal["on_demand", "snapstart", "provisioned"]


class StageError(ValueError):
    """The stage is unknown, or a value it needs is missing or wrong."""


@dataclass(frozen=True, slots=True)
class Throttle:
    """Requests a second of one route, over time and in a burst, of all callers together."""

    rate: int
    burst: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage's settings.

    `keeps_data`: tables, keys and logs outlive the stack, and nothing deletes it by accident.
    `slots_start`: how the slots function avoids cold starts; `slots_kept_warm` counts the
    processes of `provisioned`. `reserves_concurrency` takes the workers' share out of the account,
    whose limit is 10 in a new one. `required` names the values of `Owner` it cannot do without.
    The rest are options for what a local AWS cannot do: it runs functions in an interpreter of this
    machine, knows no alarm on a formula, and verifies no domain.
    """

    name: str
    keeps_data: bool
    log_days: int
    throttle: Throttle
    public_throttle: Throttle
    slots_start: SlotsStart = "on_demand"
    slots_kept_warm: int = 0
    reserves_concurrency: bool = True
    required: tuple[str, ...] = ("issuer", "audience", "jwks_url", "sender")
    dependencies: Literal["dependencies", "local"] = "dependencies"
    metric_math: bool = True
    mail_identity: bool = True


_EVERYDAY = Throttle(rate=50, burst=100)
_STRANGERS = Throttle(rate=5, burst=10)

STAGES: Mapping[str, Stage] = {
    stage.name: stage
    for stage in (
        Stage(
            name="dev",
            keeps_data=False,
            log_days=7,
            throttle=_EVERYDAY,
            public_throttle=_STRANGERS,
            reserves_concurrency=False,
            required=("issuer", "audience", "sender"),
        ),
        Stage(
            name="staging",
            keeps_data=False,
            log_days=30,
            throttle=Throttle(rate=200, burst=400),
            public_throttle=Throttle(rate=20, burst=40),
            slots_start="snapstart",
        ),
        Stage(
            name="production",
            keeps_data=True,
            log_days=90,
            throttle=Throttle(rate=1000, burst=2000),
            public_throttle=Throttle(rate=50, burst=100),
            slots_start="snapstart",
            required=("issuer", "audience", "jwks_url", "sender", "alarm_address"),
        ),
        Stage(
            name="local",
            keeps_data=False,
            log_days=1,
            throttle=_EVERYDAY,
            public_throttle=_STRANGERS,
            reserves_concurrency=False,
            required=("issuer", "audience", "sender"),
            dependencies="local",
            metric_math=False,
            mail_identity=False,
        ),
    )
}
"""Every stage by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """What no repository can know: the names, addresses and clients of whoever deploys.

    Without `jwks_url` tokens are HS256 with a secret that the stack creates. Without `domain` the
    API answers under the address AWS gives it, unless `public_base_url` says what people see; in
    it `{api}` stands for the API's id. With `identity_exists` SES knows the sender's domain
    already. `rules` are settings of the service by variable; `environment` are further variables
    of every function, which win over the stack's own, for the local stage only.
    """

    issuer: str = ""
    audience: str = ""
    jwks_url: str = ""
    sender: str = ""
    alarm_address: str = ""
    domain: str = ""
    certificate_arn: str = ""
    public_base_url: str = ""
    identity_exists: str = ""
    google_client_id: str = ""
    microsoft_client_id: str = ""
    microsoft_authority: str = ""
    redirect_allow_list: tuple[str, ...] = ()
    front_ends: tuple[str, ...] = ()
    caldav_allowed_hosts: tuple[str, ...] = ()
    rules: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


HINTS: Mapping[str, str] = {
    "issuer": "the `iss` of the platform's tokens",
    "audience": "the `aud` of the platform's tokens",
    "jwks_url": "the https address of the issuer's key set",
    "sender": "`Name <address>` that invitations come from",
    "alarm_address": "the mail address that alarms go to",
    "domain": "the API's own host name",
    "certificate_arn": "the ACM certificate of that name, in the stack's region",
    "public_base_url": "where people see the API, if that is neither `domain` nor AWS's address",
    "identity_exists": "anything, when the sender's domain is an identity of SES already",
    "google_client_id": "the client id of the Google app",
    "microsoft_client_id": "the client id of the Microsoft app",
    "microsoft_authority": "where people of one tenant only sign in, instead of everybody",
    "redirect_allow_list": "addresses, by commas, that may follow the connecting of a calendar",
    "front_ends": "origins, by commas, whose pages may call the API",
    "caldav_allowed_hosts": "host:port, by commas, of CalDAV servers beyond the public ones",
    "rules": "a JSON object of settings, SLOT_MINUTES and so on",
    "environment": "a JSON object of variables for every function (stage local only)",
}
"""What each value of `Owner` is, for whoever must give it."""

RULES = frozenset({*SLOT_RULES, "PUBLIC_EVENT_DETAILS", "PUBLIC_REQUESTS_PER_MINUTE"})
"""The settings that `rules` may hold."""


def stage_named(name: str | None) -> Stage:
    """Return that stage.

    Raises:
        StageError: when there is no such stage.
    """
    stage = STAGES.get(name or "")
    if stage is None:
        raise StageError(f"pass -c stage=..., one of {', '.join(STAGES)}; not {name!r}")
    return stage


def owner_of(stage: Stage, context: Mapping[str, Any], environment: Mapping[str, str]) -> Owner:
    """Return the owner's values from CDK's context, or CALENDAR_... variables, the former first.

    Raises:
        StageError: naming every value that the stage needs and nobody gave, or that is wrong.
    """
    given = {name: told(name, context, environment) for name in HINTS}
    missing = [name for name in stage.required if not given[name]]
    if given["domain"] and not given["certificate_arn"]:
        missing.append("certificate_arn")
    if missing:
        wanted = "; ".join(f"-c {name}=... ({HINTS[name]})" for name in missing)
        raise StageError(f"stage {stage.name} needs {wanted}; or CALENDAR_{missing[0].upper()}=...")
    owner = Owner(**{name: _parsed(name, text) for name, text in given.items() if text})
    if owner.environment and stage.name != "local":
        raise StageError("`environment` is for the local stage; add a setting to the stack instead")
    if unknown := owner.rules.keys() - RULES:
        raise StageError(f"`rules` holds {sorted(unknown)}; it may hold {sorted(RULES)}")
    return owner


def told(name: str, context: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    """Return a value of CDK's context, or else of its CALENDAR_... variable, or nothing."""
    return str(context.get(name) or environment.get(f"CALENDAR_{name.upper()}", "")).strip()


def _parsed(name: str, text: str) -> Any:
    if name in {"redirect_allow_list", "front_ends", "caldav_allowed_hosts"}:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return _variables(name, text) if name in {"rules", "environment"} else text


def _variables(name: str, text: str) -> dict[str, str]:
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise StageError(f"{name} must be {HINTS[name]}: {error}") from error
    if not isinstance(values, dict) or not all(isinstance(each, str) for each in values.values()):
        raise StageError(f"{name} must be {HINTS[name]}, every value a string")
    return values
