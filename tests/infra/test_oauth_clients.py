"""The table of OAuth clients fits the providers and the settings."""

import pytest

from infra.oauth_clients import OAUTH_CLIENTS
from shared.domain.connection import OAUTH_PROVIDERS, Provider
from shared.settings import Settings


def test_every_oauth_provider_has_a_client() -> None:
    assert tuple(OAUTH_CLIENTS) == OAUTH_PROVIDERS


@pytest.mark.parametrize("provider", OAUTH_CLIENTS)
def test_a_client_uses_settings_of_the_service(provider: Provider) -> None:
    client = OAUTH_CLIENTS[provider]
    known = {name.upper() for name in Settings.model_fields}

    assert {*client.settings, *(name.upper() for name in client.inputs)} <= known
