"""The two KMS keys: one for data that AWS services store, one for users' credentials."""

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.stages import StageSpec


class KmsKeys(Construct):
    """Customer managed keys, rotated every year.

    `data` is used only through AWS services: tables, topics, secrets. `credentials` is used by the
    functions directly, and only for the credentials of connections.
    """

    def __init__(self, scope: Construct, name: str, *, stage: StageSpec) -> None:
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

    def allow_publisher(self, service: str) -> None:
        """Allow an AWS service, for this account, to publish to topics that the data key encrypts.

        Args:
            service: its principal, for example ses.amazonaws.com.
        """
        self.data.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal(service)],
                actions=["kms:Decrypt", "kms:GenerateDataKey*"],
                # In a key policy, * means the key itself.
                resources=["*"],
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            )
        )
