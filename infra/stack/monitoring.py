"""Alarms that page, and a dashboard of what users feel."""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.stack.alarms import Page, Watched, pages
from infra.stack.dashboard import rows
from infra.stack.keys import Keys
from infra.stack.numbers import Numbers
from infra.stages import Owner, Stage

RUNBOOK = "docs/runbook.md"


class Monitoring(Construct):
    """The alarms of `pages`, each of which tells `topic`, and one dashboard.

    The topic mails to the owner's `alarm_address`; anything else that pages may subscribe to it.
    Where `metric_math` is off, alarms on a formula are left out.
    """

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        stage: Stage,
        owner: Owner,
        keys: Keys,
        watched: Watched,
    ) -> None:
        super().__init__(scope, name)
        self._stage = stage
        numbers = Numbers(stage.name)
        self.topic = self._topic(owner, keys)
        self.alarms = {
            page.name: self._alarm(page)
            for page in pages(watched, numbers)
            if stage.metric_math or not page.is_formula
        }
        self.dashboard = cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=f"calendar-service-{stage.name}",
            widgets=[
                [cloudwatch.AlarmStatusWidget(alarms=[*self.alarms.values()], width=24)],
                *rows(watched, numbers),
            ],
        )

    def _topic(self, owner: Owner, keys: Keys) -> sns.Topic:
        topic = sns.Topic(self, "Alarms", master_key=keys.data, enforce_ssl=True)
        keys.let_publish("cloudwatch.amazonaws.com")
        if owner.alarm_address:
            topic.add_subscription(subscriptions.EmailSubscription(owner.alarm_address))
        return topic

    def _alarm(self, page: Page) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            page.name,
            alarm_name=f"calendar-service-{self._stage.name}-{page.name}",
            alarm_description=_description(page),
            metric=page.metric,
            threshold=page.threshold,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
            if page.below
            else cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=page.periods,
            datapoints_to_alarm=page.needed,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING
            if page.silence_rings
            else cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        alarm.add_ok_action(actions.SnsAction(self.topic))
        return alarm


def anchor(section: str) -> str:
    """Return how a heading is linked to in rendered Markdown."""
    kept = (each for each in section.lower() if each.isalnum() or each in " -_")
    return "".join(kept).replace(" ", "-")


def _description(page: Page) -> str:
    return f"{page.section}: {page.reason}. What to do: {RUNBOOK}#{anchor(page.section)}"
