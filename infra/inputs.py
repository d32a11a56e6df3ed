"""The inputs of a deployment: values that differ between accounts and are not in the repository."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.cors import is_front_end, is_page
from infra.environment import BOOKING_DEFAULTS, POLICY, SLOT_RULES
from infra.oauth_clients import OAUTH_CLIENTS
from infra.stages import StageError, StageSpec
from shared.domain.address import normalise
from shared.domain.limits import LIMITS


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentInputs:
    """Names, addresses and OAuth clients of one deployment, described by `HINTS`.

    Without `jwks_url`, tokens are HS256 with a secret that the stack creates. Without `domain`,
    the API has the address that AWS assigns; `public_base_url` overrides both, and `{api}` in it is
    replaced by the API's id. With `edge_acl_arn`, CloudFront serves the domain. Without
    `rsvp_domain`, answers to invitations are not received.
    `oauth` are the settings of OAuth clients by variable name; each has an input of its own.
    `rules` are settings of the service by variable name. `environment` are extra variables for
    every function that override the stack's own; only the local stage accepts them.
    """

    issuer: str = ""
    audience: str = ""
    jwks_url: str = ""
    sender: str = ""
    alarm_address: str = ""
    domain: str = ""
    certificate_arn: str = ""
    public_base_url: str = ""
    edge_acl_arn: str = ""
    mail_from: str = ""
    identity_exists: str = ""
    rsvp_domain: str = ""
    receipt_rule_set: str = ""
    oauth: Mapping[str, str] = field(default_factory=dict)
    redirect_allow_list: tuple[str, ...] = ()
    front_ends: tuple[str, ...] = ()
    caldav_allowed_hosts: tuple[str, ...] = ()
    rules: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


_OAUTH_HINTS: Mapping[str, str] = {
    name: hint for client in OAUTH_CLIENTS.values() for name, hint in client.inputs.items()
}
HINTS: Mapping[str, str] = {
    "issuer": "the `iss` claim of the platform's tokens",
    "audience": "the `aud` claim of the platform's tokens",
    "jwks_url": "the https URL of the issuer's JWK set",
    "sender": "the From address of invitations, `Name <address>`",
    "alarm_address": "the e-mail address that receives alarms",
    "domain": "the API's custom domain name",
    "certificate_arn": "the ACM certificate of that domain, in the stack's region, or in us-east-1 "
    "with `edge_acl_arn`",
    "edge_acl_arn": "the WAF web ACL of a CloudFront distribution in front of the API",
    "public_base_url": "the API's public URL, if it is neither `domain` nor the AWS address",
    "mail_from": "the subdomain of bounces (custom MAIL FROM), for example bounce.example.org",
    "identity_exists": "any value, if the sender's domain is already an SES identity",
    "rsvp_domain": "the domain that receives answers to invitations, for example rsvp.example.org",
    "receipt_rule_set": "the account's active SES receipt rule set, if it has one already",
    **_OAUTH_HINTS,
    "redirect_allow_list": "comma-separated URLs the browser may return to after connecting",
    "front_ends": "comma-separated origins whose pages may call the API (CORS)",
    "caldav_allowed_hosts": "comma-separated host:port of additional CalDAV servers",
    "rules": "a JSON object of settings, for example SLOT_MINUTES",
    "environment": "a JSON object of variables for every function (stage local only)",
}
"""Description of each input, for error messages."""

RULES = frozenset(
    {
        *SLOT_RULES,
        *POLICY,
        *BOOKING_DEFAULTS,
        "OAUTH_BINDING",
        "MAIL_REPLY_TO",
        "RSVP_ORGANIZER",
        "PUBLIC_EVENT_DETAILS",
        "EVENT_GUEST_ADDRESSES",
        "RETENTION_DAYS",
        *(each.setting.upper() for each in LIMITS),
    }
)
"""The settings allowed in `rules`."""

_LISTS = frozenset({"redirect_allow_list", "front_ends", "caldav_allowed_hosts"})
_OBJECTS = frozenset({"rules", "environment"})


def read_inputs(
    stage: StageSpec, context: Mapping[str, Any], environment: Mapping[str, str]
) -> DeploymentInputs:
    """Return the inputs from the CDK context or CALENDAR_... variables; the context wins.

    Raises:
        StageError: a value the stage needs is missing, or a value is wrong; names each of them.
    """
    texts = {name: read_input(name, context, environment) for name in HINTS}
    missing = [name for name in stage.required if not texts[name]]
    if texts["edge_acl_arn"] and not texts["domain"]:
        missing.append("domain")
    if (texts["domain"] or texts["edge_acl_arn"]) and not texts["certificate_arn"]:
        missing.append("certificate_arn")
    if missing:
        options = "; ".join(f"-c {name}=... ({HINTS[name]})" for name in missing)
        variable = f"CALENDAR_{missing[0].upper()}"
        raise StageError(f"Stage {stage.name} needs {options}. Or set {variable}=...")
    values = {name: _parsed(name, text) for name, text in texts.items() if text}
    oauth = {name.upper(): values.pop(name) for name in _OAUTH_HINTS if name in values}
    inputs = DeploymentInputs(**values, oauth=oauth)
    if inputs.environment and stage.name != "local":
        raise StageError("`environment` works only in the local stage. Add a setting to the stack.")
    if unknown := inputs.rules.keys() - RULES:
        raise StageError(f"Unknown `rules` {sorted(unknown)}. Allowed are {sorted(RULES)}.")
    _check_pages(stage, inputs)
    _check_domain(inputs)
    return inputs


def read_input(name: str, context: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    """Return a value from the CDK context, else from its CALENDAR_... variable, else ""."""
    return str(context.get(name) or environment.get(f"CALENDAR_{name.upper()}", "")).strip()


def _check_pages(stage: StageSpec, inputs: DeploymentInputs) -> None:
    """Require https for front ends and redirect pages; loopback may use http in stage local."""
    is_local = stage.name == "local"
    origins = [each for each in inputs.front_ends if not is_front_end(each, is_local=is_local)]
    if origins:
        raise StageError(
            f"`front_ends` {origins} are not https origins. Name each as https://app.example.com, "
            "without a path or `*`: their pages may send cookies."
        )
    pages = [each for each in inputs.redirect_allow_list if not is_page(each, is_local=is_local)]
    if pages:
        raise StageError(
            f"`redirect_allow_list` {pages} are not https URLs. Name each as "
            "https://app.example.com/page: the browser carries a code there."
        )


def _check_domain(inputs: DeploymentInputs) -> None:
    name = inputs.rsvp_domain
    try:
        is_valid = not name or normalise(f"rsvp@{name}") == f"rsvp@{name}"
    except ValueError:
        is_valid = False
    if not is_valid:
        raise StageError(f"`rsvp_domain` {name!r} is not a domain name such as rsvp.example.com.")


def _parsed(name: str, text: str) -> Any:
    if name in _LISTS:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return _variables(name, text) if name in _OBJECTS else text


def _variables(name: str, text: str) -> dict[str, str]:
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise StageError(f"`{name}` must be {HINTS[name]}: {error}") from error
    if not isinstance(values, dict) or not all(isinstance(each, str) for each in values.values()):
        raise StageError(f"`{name}` must be {HINTS[name]}, with strings as values.")
    return values
