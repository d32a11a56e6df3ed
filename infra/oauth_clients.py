"""This service's OAuth clients, as data: the settings, inputs and secrets of a deployment."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.domain.connection import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthClient:
    """The client (app) that is registered with one provider.

    name: of the company; the prefix of the settings, inputs, secret and output.
    endpoints: endpoints that an operator may replace, by input name, each with its hint.
    """

    name: str
    endpoints: Mapping[str, str] = field(default_factory=dict)

    @property
    def id_setting(self) -> str:
        """The setting that has the client id."""
        return f"{self.name.upper()}_CLIENT_ID"

    @property
    def secret_setting(self) -> str:
        """The setting that has the ARN or name of the client secret."""
        return f"{self.name.upper()}_CLIENT_SECRET_ID"

    @property
    def secret_output(self) -> str:
        """The stack output that has the ARN of the client secret."""
        return f"{self.name}SecretArn"

    @property
    def inputs(self) -> dict[str, str]:
        """The inputs of a deployment, each with its hint. Each sets the setting of its name."""
        return {self.id_setting.lower(): f"the client id of the {self.name} app", **self.endpoints}

    @property
    def settings(self) -> tuple[str, ...]:
        """The settings of a function that calls the provider."""
        return (self.id_setting, self.secret_setting, *(name.upper() for name in self.endpoints))


OAUTH_CLIENTS: Mapping[Provider, OAuthClient] = {
    Provider.GOOGLE: OAuthClient(name="Google"),
    Provider.OUTLOOK: OAuthClient(
        name="Microsoft",
        endpoints={
            "microsoft_authority": "the sign-in URL of a single Microsoft tenant; "
            "default: all accounts"
        },
    ),
}
"""The client of each of `OAUTH_PROVIDERS`."""
