"""The secrets. The operator enters their values; none is in the repository."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.inputs import DeploymentInputs
from infra.oauth_clients import OAUTH_CLIENTS
from infra.stages import StageSpec


class Secrets(Construct):
    """One secret per OAuth client, one for HS256 if `jwks_url` is empty, one if CloudFront is used.

    AWS generates random values. The operator replaces those of the OAuth clients; the platform
    reads the HS256 secret and signs tokens with it.
    """

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        stage: StageSpec,
        inputs: DeploymentInputs,
        key: kms.IKey,
    ) -> None:
        super().__init__(scope, name)
        self._key = key
        self._removal = RemovalPolicy.RETAIN if stage.keeps_data else RemovalPolicy.DESTROY
        self.hs256 = (
            None if inputs.jwks_url else self._secret("Hs256", "shared secret for bearer tokens")
        )
        self.origin = (
            self._secret("Origin", "header of requests from CloudFront")
            if inputs.edge_acl_arn
            else None
        )
        self.clients = {
            provider: self._secret(f"{client.name}Client", f"{client.name} client secret")
            for provider, client in OAUTH_CLIENTS.items()
            if client.id_setting in inputs.oauth
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
