"""The two keys: one for what AWS stores for the service, one for people's credentials."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.stages import Stage


class Keys(Construct):
    """Customer keys, rotated every year.

    `data` is used through AWS services only: tables, topics, secrets. `credentials` is used by
    functions themselves, and for nothing but the tokens of connections.
    """

    def __init__(self, scope: Construct, name: str, *, stage: Stage) -> None:
        super().__init__(scope, name)
        removal = RemovalPolicy.RETAIN if stage.keeps_data else RemovalPolicy.DESTROY
        self.data = kms.Key(
            self,
            "Data",
            description=f"calendar-service {stage.name}: tables, topics and secrets",
            enable_key_rotation=True,
            removal_policy=removal,
        )
        self.credentials = kms.Key(
            self,
            "Credentials",
            description=f"calendar-service {stage.name}: credentials of connections",
            enable_key_rotation=True,
            removal_policy=removal,
        )

    def let_publish(self, service: str) -> None:
        """Let an AWS service publish to topics that the data key encrypts.

        `service` is its principal, such as ses.amazonaws.com.
        """
        self.data.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal(service)],
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                # In a key's own policy this means the key.
                resources=["*"],
            )
        )
