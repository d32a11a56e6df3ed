from typing import Any

import pytest

from shared.aws.clients import Clients
from shared.aws.secrets import MAX_CACHED, SecretUnreadable, SecretValues
from tests.support.aws import Aws


class ManualClock:
    """A monotonic clock that a test sets."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clients(moto_aws: Aws) -> Clients:
    """Clients of a simulated AWS account."""
    assert moto_aws.environment
    return Clients()


def requested_ids(clients: Clients) -> list[str]:
    """Return a list that collects the ids of requested secrets."""
    ids: list[str] = []
    hooks: Any = clients.secrets.meta.events
    hooks.register(
        "provide-client-params.secrets-manager.GetSecretValue",
        lambda params, **_: ids.append(params["SecretId"]),
    )
    return ids


def test_a_secret_is_read_once_and_cached(clients: Clients) -> None:
    clients.secrets.create_secret(Name="one", SecretString="value")
    secrets, ids = SecretValues(clients), requested_ids(clients)

    assert [secrets.get("one"), secrets.get("one")] == ["value", "value"]
    assert ids == ["one"]


def test_a_rotated_secret_is_seen_after_five_minutes(clients: Clients) -> None:
    clock = ManualClock()
    secrets = SecretValues(clients, monotonic=clock)
    clients.secrets.create_secret(Name="one", SecretString="old")
    assert secrets.get("one") == "old"
    clients.secrets.put_secret_value(SecretId="one", SecretString="new")

    clock.seconds = 299
    before = secrets.get("one")
    clock.seconds = 300
    after = secrets.get("one")

    assert (before, after) == ("old", "new")


def test_the_cache_is_limited_and_drops_the_oldest_secret(clients: Clients) -> None:
    secrets, ids = SecretValues(clients), requested_ids(clients)
    names = [f"s{n}" for n in range(MAX_CACHED + 1)]
    for name in names:
        clients.secrets.create_secret(Name=name, SecretString=name)
        secrets.get(name)

    secrets.get(names[1])
    secrets.get(names[0])

    assert [*names, names[0]] == ids


def test_a_missing_secret_says_what_to_check_and_is_not_cached(
    clients: Clients,
) -> None:
    secrets = SecretValues(clients)

    with pytest.raises(SecretUnreadable, match="secretsmanager:GetSecretValue"):
        secrets.get("missing")
    clients.secrets.create_secret(Name="missing", SecretString="here now")

    assert secrets.get("missing") == "here now"


def test_a_binary_secret_is_rejected(clients: Clients) -> None:
    clients.secrets.create_secret(Name="one", SecretBinary=b"\x00")

    with pytest.raises(SecretUnreadable, match="as text"):
        SecretValues(clients).get("one")


def test_no_repr_shows_a_value(clients: Clients) -> None:
    clients.secrets.create_secret(Name="one", SecretString="hush")
    secrets = SecretValues(clients)
    secrets.get("one")

    assert "hush" not in f"{secrets!r} {vars(secrets)!r}"
