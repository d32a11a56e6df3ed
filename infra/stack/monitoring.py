"""The alarms, the topic they notify, and the dashboard."""

from aws_cdk import ArnFormat, Aws, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.inputs import DeploymentInputs
from infra.stack.alarms import AlarmSpec, MonitoredResources, alarm_specs
from infra.stack.dashboard import rows
from infra.stack.keys import KmsKeys
from infra.stack.service_metrics import ServiceMetrics
from infra.stages import StageSpec

RUNBOOK = "docs/runbook.md"
CLOUDWATCH = "cloudwatch.amazonaws.com"


class Monitoring(Construct):
    """The alarms of `alarm_specs`, each of which notifies `topic`, and one dashboard.

    The topic sends mail to the `alarm_address`; pagers may subscribe to it as well. In a stage
    without `metric_math`, alarms on a formula are left out.
    """

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        stage: StageSpec,
        inputs: DeploymentInputs,
        keys: KmsKeys,
        resources: MonitoredResources,
    ) -> None:
        super().__init__(scope, name)
        self._stage = stage
        metrics = ServiceMetrics(stage.name)
        self.topic = self._topic(inputs, keys)
        self.alarms = {
            spec.name: self._alarm(spec)
            for spec in alarm_specs(resources, metrics)
            if stage.metric_math or not spec.is_formula
        }
        self.dashboard = cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=f"calendar-service-{stage.name}",
            widgets=[
                [cloudwatch.AlarmStatusWidget(alarms=[*self.alarms.values()], width=24)],
                *rows(resources, metrics),
            ],
        )

    def _topic(self, inputs: DeploymentInputs, keys: KmsKeys) -> sns.Topic:
        topic = sns.Topic(self, "Alarms", master_key=keys.data, enforce_ssl=True)
        topic.add_to_resource_policy(self._publishing(topic))
        keys.allow_publisher(CLOUDWATCH)
        if inputs.alarm_address:
            topic.add_subscription(subscriptions.EmailSubscription(inputs.alarm_address))
        return topic

    def _publishing(self, topic: sns.Topic) -> iam.PolicyStatement:
        """Allow the account's alarms to publish.

        A topic with a policy of its own no longer has SNS's default policy, which allows it.
        """
        alarms = Stack.of(self).format_arn(
            service="cloudwatch",
            resource="alarm",
            resource_name="*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        return iam.PolicyStatement(
            principals=[iam.ServicePrincipal(CLOUDWATCH)],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions={
                "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
                "ArnLike": {"aws:SourceArn": alarms},
            },
        )

    def _alarm(self, spec: AlarmSpec) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            spec.name,
            alarm_name=f"calendar-service-{self._stage.name}-{spec.name}",
            alarm_description=_description(spec),
            metric=spec.metric,
            threshold=spec.threshold,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
            if spec.below
            else cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=spec.periods,
            datapoints_to_alarm=spec.needed,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING
            if spec.missing_fires
            else cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        alarm.add_ok_action(actions.SnsAction(self.topic))
        return alarm


def anchor(section: str) -> str:
    """Return the anchor of a heading in rendered Markdown."""
    characters = (each for each in section.lower() if each.isalnum() or each in " -_")
    return "".join(characters).replace(" ", "-")


def _description(spec: AlarmSpec) -> str:
    return f"{spec.section}: {spec.reason}. What to do: {RUNBOOK}#{anchor(spec.section)}"
