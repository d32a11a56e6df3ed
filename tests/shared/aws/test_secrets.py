from typing import Any

import pytest

from shared.aws.clients import Clients
from shared.aws.secrets import MAX_KEPT, SecretUnreadable, SecretValues
from tests.support.aws import Aws


class Watch:
    """A monotonic clock that moves when told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clients(moto_aws: Aws) -> Clients:
    """Clients of an account in memory."""
    assert moto_aws.environment
    return Clients()


def asked(clients: Clients) -> list[str]:
    """Collect the id of every secret asked for from now on."""
    ids: list[str] = []
    hooks: Any = clients.secrets.meta.events
    hooks.register(
        "provide-client-params.secrets-manager.GetSecretValue",
        lambda params, **_: ids.append(params["SecretId"]),
    )
    return ids


def test_a_secret_is_read_once_and_kept(clients: Clients) -> None:
    clients.secrets.create_secret(Name="one", SecretString="value")
    secrets, ids = SecretValues(clients), asked(clients)

    assert [secrets.get("one"), secrets.get("one")] == ["value", "value"]
    assert ids == ["one"]


def test_a_rotated_secret_is_seen_after_five_minutes(clients: Clients) -> None:
    watch = Watch()
    secrets = SecretValues(clients, monotonic=watch)
    clients.secrets.create_secret(Name="one", SecretString="old")
    assert secrets.get("one") == "old"
    clients.secrets.put_secret_value(SecretId="one", SecretString="new")

    watch.seconds = 299
    before = secrets.get("one")
    watch.seconds = 300
    after = secrets.get("one")

    assert (before, after) == ("old", "new")


def test_only_so_many_secrets_are_kept_and_the_oldest_goes_first(clients: Clients) -> None:
    secrets, ids = SecretValues(clients), asked(clients)
    names = [f"s{n}" for n in range(MAX_KEPT + 1)]
    for name in names:
        clients.secrets.create_secret(Name=name, SecretString=name)
        secrets.get(name)

    secrets.get(names[1])
    secrets.get(names[0])

    assert [*names, names[0]] == ids


def test_a_secret_that_does_not_exist_says_what_to_check_and_is_asked_for_again(
    clients: Clients,
) -> None:
    secrets = SecretValues(clients)

    with pytest.raises(SecretUnreadable, match="secretsmanager:GetSecretValue"):
        secrets.get("missing")
    clients.secrets.create_secret(Name="missing", SecretString="here now")

    assert secrets.get("missing") == "here now"


def test_a_binary_secret_is_refused(clients: Clients) -> None:
    clients.secrets.create_secret(Name="one", SecretBinary=b"\x00")

    with pytest.raises(SecretUnreadable, match="as text"):
        SecretValues(clients).get("one")


def test_no_repr_shows_a_value(clients: Clients) -> None:
    clients.secrets.create_secret(Name="one", SecretString="hush")
    secrets = SecretValues(clients)
    secrets.get("one")

    assert "hush" not in f"{secrets!r} {vars(secrets)!r}"
