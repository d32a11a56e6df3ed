"""Receiving answers to invitations: an SES receipt rule, and the bucket of the received mails."""

from aws_cdk import Aws, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ses as ses
from constructs import Construct

from infra.inputs import DeploymentInputs
from infra.stack.function import ServiceFunction
from infra.stages import StageSpec
from shared.aws.incoming import PREFIX as RECEIVED

KEPT = Duration.days(15)
"""One day longer than a dead-letter queue keeps the call that reads the mail."""


class ReceivedReplies(Construct):
    """Every mail to an address of `rsvp_domain` is stored; then SES invokes a function.

    An account has one active receipt rule set per region. Without the input `receipt_rule_set`, the
    stack has one of its own, which must be made the active one by hand: CloudFormation cannot.
    """

    def __init__(
        self, scope: Construct, name: str, *, stage: StageSpec, inputs: DeploymentInputs
    ) -> None:
        super().__init__(scope, name)
        self._domain = inputs.rsvp_domain
        self._rule_name = f"calendar-service-{stage.name}"
        self._rule_set = inputs.receipt_rule_set or f"calendar-service-{stage.name}"
        self._own_rule_set = (
            None
            if inputs.receipt_rule_set
            else ses.CfnReceiptRuleSet(self, "RuleSet", rule_set_name=self._rule_set)
        )
        self.bucket = s3.Bucket(
            self,
            "Received",
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            lifecycle_rules=[
                s3.LifecycleRule(
                    expiration=KEPT, abort_incomplete_multipart_upload_after=Duration.days(1)
                )
            ],
            removal_policy=RemovalPolicy.RETAIN if stage.keeps_data else RemovalPolicy.DESTROY,
        )
        self.bucket.add_to_resource_policy(self._may_store())

    def invoke(self, function: ServiceFunction) -> None:
        """Invoke the function with each mail, asynchronously, after the mail has been stored."""
        permission = lambda_.CfnPermission(
            self,
            "MayInvoke",
            action="lambda:InvokeFunction",
            function_name=function.target.function_arn,
            principal="ses.amazonaws.com",
            source_account=Aws.ACCOUNT_ID,
            source_arn=self._rule_arn,
        )
        rule = ses.CfnReceiptRule(
            self,
            "Rule",
            rule_set_name=self._rule_set,
            rule=ses.CfnReceiptRule.RuleProperty(
                name=self._rule_name,
                enabled=True,
                recipients=[self._domain],
                scan_enabled=True,
                tls_policy="Optional",
                actions=[
                    ses.CfnReceiptRule.ActionProperty(
                        s3_action=ses.CfnReceiptRule.S3ActionProperty(
                            bucket_name=self.bucket.bucket_name, object_key_prefix=RECEIVED
                        )
                    ),
                    ses.CfnReceiptRule.ActionProperty(
                        lambda_action=ses.CfnReceiptRule.LambdaActionProperty(
                            function_arn=function.target.function_arn, invocation_type="Event"
                        )
                    ),
                ],
            ),
        )
        # SES checks both permissions when the rule is created.
        for needed in (permission, self.bucket.policy, self._own_rule_set):
            if needed:
                rule.node.add_dependency(needed)

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs: the DNS record of the domain, and the rule set that must be active."""
        return {
            "RsvpMx": f"{self._domain} MX 10 inbound-smtp.{Aws.REGION}.amazonaws.com",
            "ReceiptRuleSet": self._rule_set,
            "RepliesBucket": self.bucket.bucket_name,
        }

    @property
    def finding(self) -> str:
        """The id of cdk-nag's finding about the function's permission to read every mail."""
        element = self.bucket.node.default_child
        name = Stack.of(self).get_logical_id(element)
        return f"AwsSolutions-IAM5[Resource::<{name}.Arn>/{RECEIVED}*]"

    @property
    def _rule_arn(self) -> str:
        arn: str = Stack.of(self).format_arn(
            service="ses",
            resource="receipt-rule-set",
            resource_name=f"{self._rule_set}:receipt-rule/{self._rule_name}",
        )
        return arn

    def _may_store(self) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            principals=[iam.ServicePrincipal("ses.amazonaws.com")],
            actions=["s3:PutObject"],
            resources=[self.bucket.arn_for_objects(f"{RECEIVED}*")],
            conditions={
                "StringEquals": {
                    "aws:SourceAccount": Aws.ACCOUNT_ID,
                    "aws:SourceArn": self._rule_arn,
                }
            },
        )
