"""The secrets: the values come from whoever deploys, never from the repository."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.stages import Owner, Stage


class Secrets(Construct):
    """One secret for each client of a provider, and one for HS256 when no key set is named.

    AWS fills each with random text. The client secrets must be put in afterwards; the one for HS256
    is good as it is, for the platform to read.
    """

    def __init__(
        self, scope: Construct, name: str, *, stage: Stage, owner: Owner, key: kms.IKey
    ) -> None:
        super().__init__(scope, name)
        self._key = key
        self._removal = RemovalPolicy.RETAIN if stage.keeps_data else RemovalPolicy.DESTROY
        self.hs256 = None if owner.jwks_url else self._secret("Hs256", "shared secret of tokens")
        self.clients = {
            f"{provider}_CLIENT_SECRET_ID": self._secret(
                f"{provider.title()}Client", f"client secret at {provider.title()}"
            )
            for provider, client_id in (
                ("GOOGLE", owner.google_client_id),
                ("MICROSOFT", owner.microsoft_client_id),
            )
            if client_id
        }

    def _secret(self, name: str, what: str) -> secretsmanager.Secret:
        return secretsmanager.Secret(
            self,
            name,
            description=f"calendar-service: {what}",
            encryption_key=self._key,
            removal_policy=self._removal,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=64, exclude_punctuation=True
            ),
        )
