"""The stack."""

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.environment import environment
from infra.functions import FUNCTIONS
from infra.inputs import DeploymentInputs
from infra.oauth_clients import OAUTH_CLIENTS
from infra.stack.alarms import MonitoredResources
from infra.stack.api import ApiGateway
from infra.stack.assets import Assets
from infra.stack.edge import Edge
from infra.stack.function import LOG_LEVEL, FunctionRuntime, ServiceFunction
from infra.stack.keys import KmsKeys
from infra.stack.mail import Mail
from infra.stack.monitoring import Monitoring
from infra.stack.permissions import GrantedResources, statements
from infra.stack.queues import Queues
from infra.stack.replies import ReceivedReplies
from infra.stack.secrets import Secrets
from infra.stack.tables import DynamoDbTables
from infra.stack.triggers import Triggers
from infra.stack.waivers import acknowledge_findings
from infra.stages import StageSpec

SCHEDULED = ("token_refresh", "sweeper")


class CalendarService(Stack):  # type: ignore[misc]  # mypy skips CDK's types, see pyproject.toml
    """The whole service, for the account and region it is deployed to."""

    def __init__(
        self,
        scope: Construct,
        *,
        stage: StageSpec,
        inputs: DeploymentInputs,
        assets: Assets | None = None,
    ) -> None:
        super().__init__(
            scope,
            f"calendar-service-{stage.name}",
            description=f"Availability, booking and calendars ({stage.name})",
            termination_protection=stage.keeps_data,
            tags={"service": "calendar-service", "stage": stage.name},
        )
        self._stage = stage
        self._inputs = inputs
        self.keys = KmsKeys(self, "Keys", stage=stage)
        self.keys.allow_publisher("ses.amazonaws.com")
        self.tables = DynamoDbTables(self, "Tables", stage=stage, key=self.keys.data)
        self.queues = Queues(self, "Queues", receives_replies=bool(inputs.rsvp_domain))
        self.bus = events.EventBus(
            self,
            "Bus",
            event_bus_name=stage.bus,
            description=f"Domain events of calendar-service {stage.name}",
        )
        self.secrets = Secrets(self, "Secrets", stage=stage, inputs=inputs, key=self.keys.data)
        self.mail = Mail(self, "Mail", stage=stage, inputs=inputs, key=self.keys.data)
        self.replies = (
            ReceivedReplies(self, "Replies", stage=stage, inputs=inputs)
            if inputs.rsvp_domain
            else None
        )
        self.api = ApiGateway(self, "Api", stage=stage, inputs=inputs)
        self.functions = self._functions(assets or Assets())
        self.api.add_routes({name: each.target for name, each in self.functions.items()})
        self.edge = self._edge()
        self._add_triggers()
        self.monitoring = Monitoring(
            self,
            "Monitoring",
            stage=stage,
            inputs=inputs,
            keys=self.keys,
            resources=MonitoredResources(
                api=self.api, functions=self.functions, queues=self.queues, tables=self.tables
            ),
        )
        self._add_outputs()
        acknowledge_findings(self)

    def _functions(self, assets: Assets) -> dict[str, ServiceFunction]:
        runtime = FunctionRuntime(stage=self._stage, assets=assets, layers=self._layers(assets))
        values = self._settings()
        functions = {
            name: ServiceFunction(
                self,
                name,
                spec=spec,
                runtime=runtime,
                environment=environment(spec.settings, values, extra=self._common_variables()),
                starts=self._stage.slots_start if name == "slots" else "on_demand",
                dead_letters=self._dead_letters(name),
            )
            for name, spec in FUNCTIONS.items()
            if not spec.needs or getattr(self._inputs, spec.needs)
        }
        resources = GrantedResources(
            stack=self,
            keys=self.keys,
            tables=self.tables,
            queues=self.queues,
            secrets=self.secrets,
            mail=self.mail,
            replies=self.replies,
            bus=self.bus,
        )
        for name, function in functions.items():
            function.allow(statements(FUNCTIONS[name].grants, resources))
        return functions

    def _edge(self) -> Edge | None:
        if not self.secrets.origin:
            return None
        return Edge(
            self,
            "Edge",
            api_id=self.api.http.api_id,
            inputs=self._inputs,
            secret=self.secrets.origin,
        )

    def _layers(self, assets: Assets) -> list[lambda_.LayerVersion]:
        return [
            lambda_.LayerVersion(
                self,
                name,
                description=f"calendar-service {self._stage.name}: {content}",
                code=assets.layer(folder),
                compatible_architectures=[lambda_.Architecture.ARM_64],
                compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
            )
            for name, content, folder in (
                ("Dependencies", "libraries from the lock file", self._stage.dependencies),
                ("Shared", "the package `shared`", "shared"),
            )
        ]

    def _settings(self) -> dict[str, str]:
        """The values of all settings by variable."""
        inputs, secrets = self._inputs, self.secrets
        return {
            "STAGE": self._stage.name,
            **self.tables.environment,
            "AUTH_ISSUER": inputs.issuer,
            "AUTH_AUDIENCE": inputs.audience,
            "AUTH_JWKS_URL": inputs.jwks_url,
            "AUTH_HS256_SECRET_ID": secrets.hs256.secret_arn if secrets.hs256 else "",
            "ORIGIN_SECRET_ID": secrets.origin.secret_arn if secrets.origin else "",
            "TOKEN_KEY_ID": self.keys.credentials.key_arn,
            "SYNC_QUEUE_URL": self.queues.sync.queue_url,
            "WEBHOOK_QUEUE_URL": self.queues.webhooks.queue_url,
            "EVENT_BUS_NAME": self.bus.event_bus_name,
            "DEAD_RECORDS_QUEUE_URL": self.queues.publish_dead.queue_url,
            "PUBLIC_BASE_URL": self.api.url,
            "REDIRECT_ALLOW_LIST": ",".join(inputs.redirect_allow_list),
            "CALDAV_ALLOWED_HOSTS": ",".join(inputs.caldav_allowed_hosts),
            **inputs.oauth,
            **{
                OAUTH_CLIENTS[provider].secret_setting: secret.secret_arn
                for provider, secret in secrets.clients.items()
            },
            "MAIL_SENDER": inputs.sender,
            "SES_CONFIGURATION_SET": self.mail.configuration_set.configuration_set_name,
            "SES_TOPIC_ARNS": self.mail.topic.topic_arn,
            "RSVP_DOMAIN": inputs.rsvp_domain,
            "REPLIES_BUCKET": self.replies.bucket.bucket_name if self.replies else "",
            **inputs.rules,
        }

    def _common_variables(self) -> dict[str, str]:
        return {
            "POWERTOOLS_SERVICE_NAME": "calendar-service",
            "POWERTOOLS_METRICS_NAMESPACE": "CalendarService",
            "POWERTOOLS_LOG_LEVEL": LOG_LEVEL,
            **self._inputs.environment,
        }

    def _add_triggers(self) -> None:
        triggers = self.triggers = Triggers(self, "Sources", queues=self.queues)
        triggers.add_stream(self.functions["relay"], self.tables)
        triggers.add_publishing(self.functions["publish"], self.tables)
        concurrency = FUNCTIONS["calendar_sync"].concurrency
        triggers.add_queue(
            self.functions["calendar_sync"],
            max_concurrency=concurrency if self._stage.reserves_concurrency else None,
        )
        deliveries = FUNCTIONS["webhooks_delivery"].concurrency
        triggers.add_webhook_queue(
            self.functions["webhooks_delivery"],
            max_concurrency=deliveries if self._stage.reserves_concurrency else None,
        )
        triggers.add_mail_topic(self.functions["ses_notifications"], self.mail)
        if self.replies:
            self.replies.invoke(self.functions["rsvp"])
        for name in SCHEDULED:
            triggers.add_schedule(name, self.functions[name])

    def _dead_letters(self, name: str) -> sqs.IQueue | None:
        """The queue for asynchronous calls that keep failing, if the function has such calls."""
        if name == "ses_notifications":
            return self.queues.notifications_dead
        if name == "rsvp":
            return self.queues.replies_dead
        return self.queues.schedules_dead if name in SCHEDULED else None

    def _add_outputs(self) -> None:
        outputs = {
            "ApiId": self.api.http.api_id,
            "ApiUrl": self.api.url,
            "EventsTable": self.tables.events.table_name,
            "ConnectionsTable": self.tables.connections.table_name,
            "SyncQueueUrl": self.queues.sync.queue_url,
            "EventBusName": self.bus.event_bus_name,
            "WebhookQueueUrl": self.queues.webhooks.queue_url,
            **{f"{name.title()}DeadUrl": each.queue_url for name, each in self.queues.dead.items()},
            "SesTopicArn": self.mail.topic.topic_arn,
            **{
                OAUTH_CLIENTS[provider].secret_output: secret.secret_arn
                for provider, secret in self.secrets.clients.items()
            },
            **({"Hs256SecretArn": self.secrets.hs256.secret_arn} if self.secrets.hs256 else {}),
            **{
                f"{name.title().replace('_', '')}Function": each.function.function_name
                for name, each in self.functions.items()
            },
        }
        if self.api.domain:
            outputs["DomainTarget"] = self.api.domain.regional_domain_name
        if self.edge:
            outputs["DomainTarget"] = self.edge.distribution.distribution_domain_name
        outputs |= self.replies.outputs if self.replies else {}
        for name, value in outputs.items():
            CfnOutput(self, name, value=value)
        if self.mail.identity:
            for number, record in enumerate(self.mail.identity.dkim_records, 1):
                CfnOutput(self, f"Dkim{number}", value=f"{record.name} CNAME {record.value}")
            for name, value in self._mail_from_records().items():
                CfnOutput(self, name, value=value)

    def _mail_from_records(self) -> dict[str, str]:
        """Return the DNS records of the custom MAIL FROM domain, if there is one."""
        domain = self._inputs.mail_from
        if not domain:
            return {}
        return {
            "MailFromMx": f"{domain} MX 10 feedback-smtp.{self.region}.amazonses.com",
            "MailFromSpf": f"{domain} TXT v=spf1 include:amazonses.com ~all",
        }
