"""The environment that handlers get in a local run."""

from collections.abc import Mapping

import httpx

from infra.local.aws import AUDIENCE, ISSUER
from infra.local.provider_servers import ProviderServers
from shared.settings import Settings

_CREATED_LOCALLY = {
    "STAGE",
    "EVENTS_TABLE",
    "CONNECTIONS_TABLE",
    "TOKEN_KEY_ID",
    "SYNC_QUEUE_URL",
    "WEBHOOK_QUEUE_URL",
    "EVENT_BUS_NAME",
    "DEAD_RECORDS_QUEUE_URL",
    "AUTH_HS256_SECRET_ID",
    "SES_TOPIC_ARNS",
    "REPLIES_BUCKET",
}


def check_settings(given: Mapping[str, str]) -> None:
    """Check the settings in an environment before anything is started.

    Raises:
        pydantic.ValidationError: when a setting is invalid.
    """
    defaults = {
        "STAGE": "local",
        "EVENTS_TABLE": "events",
        "CONNECTIONS_TABLE": "connections",
        "AUTH_ISSUER": ISSUER,
        "AUTH_AUDIENCE": AUDIENCE,
    }
    Settings.read({**defaults, **_chosen(given)})


def front_ends(given: Mapping[str, str]) -> tuple[str, ...]:
    """Return the origins in the variable FRONT_ENDS, separated by commas."""
    return tuple(each.strip() for each in given.get("FRONT_ENDS", "").split(",") if each.strip())


def handler_environment(
    given: Mapping[str, str], created: Mapping[str, str], *, url: str, servers: ProviderServers
) -> dict[str, str]:
    """Return the variables of `given`, with the settings of this run added.

    Settings in `given` override the defaults, except the names of resources created for this run.
    CALDAV_ALLOWED_HOSTS is added to the local CalDAV server. AWS variables of `given` are left out:
    they might lead to a real account.
    """
    inherited = {name: value for name, value in given.items() if not name.startswith("AWS_")}
    chosen = _chosen(given)
    local = {**created, **servers.environment, "PUBLIC_BASE_URL": url}
    if "AUTH_JWKS_URL" in chosen:
        del local["AUTH_HS256_SECRET_ID"]
    hosts = [
        httpx.URL(servers.caldav.url).netloc.decode(),
        chosen.pop("CALDAV_ALLOWED_HOSTS", ""),
    ]
    allowed = ",".join(host for host in hosts if host)
    return {**inherited, **local, **chosen, "CALDAV_ALLOWED_HOSTS": allowed}


def _chosen(given: Mapping[str, str]) -> dict[str, str]:
    names = {name.upper() for name in Settings.model_fields} - _CREATED_LOCALLY
    return {name: given[name] for name in names if given.get(name)}
