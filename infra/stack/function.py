"""The construct of a Lambda function."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.functions import LambdaSpec
from infra.stack.assets import Assets
from infra.stages import SlotsStart, StageSpec

LOG_LEVEL = "INFO"
"""Must not be higher: business metrics are log lines of this level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionRuntime:
    """What all functions of a stack share."""

    stage: StageSpec
    assets: Assets
    layers: Sequence[lambda_.ILayerVersion]


class ServiceFunction(Construct):
    """A Lambda function with its own role and log group.

    The role may write logs and traces; `allow` adds permissions. Callers invoke `target`: the
    function itself, or the alias that avoids cold starts.
    """

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        spec: LambdaSpec,
        runtime: FunctionRuntime,
        environment: Mapping[str, str],
        starts: SlotsStart = "on_demand",
        dead_letters: sqs.IQueue | None = None,
    ) -> None:
        super().__init__(scope, name)
        stage = runtime.stage
        self.log_group = logs.LogGroup(
            self,
            "Log",
            retention=LOG_RETENTION[stage.log_days],
            removal_policy=RemovalPolicy.RETAIN if stage.keeps_data else RemovalPolicy.DESTROY,
        )
        self.role = self._role()
        self.function = lambda_.Function(
            self,
            "Function",
            description=f"calendar-service {stage.name}: {name}",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            handler=spec.handler,
            code=runtime.assets.function(spec.folder),
            layers=list(runtime.layers),
            memory_size=spec.memory_mb,
            timeout=Duration.seconds(spec.timeout.total_seconds()),
            reserved_concurrent_executions=spec.concurrency if stage.reserves_concurrency else None,
            role=self.role,
            environment=dict(environment),
            tracing=lambda_.Tracing.ACTIVE,
            log_group=self.log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=lambda_.ApplicationLogLevel.INFO,
            system_log_level_v2=lambda_.SystemLogLevel.INFO,
            dead_letter_queue=dead_letters,
            max_event_age=Duration.seconds(spec.max_event_age.total_seconds())
            if spec.max_event_age
            else None,
            snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS
            if starts == "snapstart"
            else None,
        )
        self.target = self._target(starts, kept_warm=stage.slots_kept_warm)

    def allow(self, statements: Sequence[iam.PolicyStatement]) -> None:
        """Add permissions to the function's role."""
        for statement in statements:
            self.role.add_to_policy(statement)

    def _role(self) -> iam.Role:
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[self.log_group.log_group_arn],
            )
        )
        return role

    def _target(self, starts: SlotsStart, *, kept_warm: int) -> lambda_.IFunction:
        if starts == "on_demand":
            return self.function
        return lambda_.Alias(
            self,
            "Live",
            alias_name="live",
            version=self.function.current_version,
            provisioned_concurrent_executions=kept_warm if starts == "provisioned" else None,
        )


LOG_RETENTION: Mapping[int, logs.RetentionDays] = {
    1: logs.RetentionDays.ONE_DAY,
    7: logs.RetentionDays.ONE_WEEK,
    30: logs.RetentionDays.ONE_MONTH,
    90: logs.RetentionDays.THREE_MONTHS,
}
"""CloudWatch's value by number of days."""
