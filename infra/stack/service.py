"""The stack: every construct, put together."""

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.environment import environment
from infra.functions import DEPLOYED, FUNCTIONS
from infra.grants import GRANTS
from infra.stack.alarms import Watched
from infra.stack.api import Api
from infra.stack.assets import Assets
from infra.stack.function import LOG_LEVEL, Runtime, ServiceFunction
from infra.stack.keys import Keys
from infra.stack.mail import Mail
from infra.stack.monitoring import Monitoring
from infra.stack.permissions import Resources, statements
from infra.stack.queues import Queues
from infra.stack.secrets import Secrets
from infra.stack.sources import Sources
from infra.stack.tables import Tables
from infra.stack.waivers import waive
from infra.stages import Owner, Stage

SCHEDULED = ("token_refresh", "sweeper")


class CalendarService(Stack):  # type: ignore[misc]  # CDK's types are not read, see pyproject
    """The service in one account and region, which are those it is deployed to."""

    def __init__(
        self, scope: Construct, *, stage: Stage, owner: Owner, assets: Assets | None = None
    ) -> None:
        super().__init__(
            scope,
            f"calendar-service-{stage.name}",
            description=f"Availability, booking and calendars ({stage.name})",
            termination_protection=stage.keeps_data,
            tags={"service": "calendar-service", "stage": stage.name},
        )
        self._stage = stage
        self._owner = owner
        self.keys = Keys(self, "Keys", stage=stage)
        self.keys.let_publish("ses.amazonaws.com")
        self.tables = Tables(self, "Tables", stage=stage, key=self.keys.data)
        self.queues = Queues(self, "Queues")
        self.secrets = Secrets(self, "Secrets", stage=stage, owner=owner, key=self.keys.data)
        self.mail = Mail(self, "Mail", stage=stage, owner=owner, key=self.keys.data)
        self.api = Api(self, "Api", stage=stage, owner=owner)
        self.functions = self._functions(assets or Assets())
        self.api.let_call({name: each.target for name, each in self.functions.items()})
        self._start_workers()
        self.monitoring = Monitoring(
            self,
            "Monitoring",
            stage=stage,
            owner=owner,
            keys=self.keys,
            watched=Watched(
                api=self.api, functions=self.functions, queues=self.queues, tables=self.tables
            ),
        )
        self._tell()
        waive(self)

    def _functions(self, assets: Assets) -> dict[str, ServiceFunction]:
        runtime = Runtime(stage=self._stage, assets=assets, layers=self._layers(assets))
        values = self._settings()
        made = {
            name: ServiceFunction(
                self,
                name,
                data=FUNCTIONS[name],
                runtime=runtime,
                environment=environment(name, values, given=self._everywhere()),
                starts=self._stage.slots_start if name == "slots" else "on_demand",
                dead_letters=self._dead_letters(name),
            )
            for name in DEPLOYED
        }
        on = Resources(
            stack=self,
            keys=self.keys,
            tables=self.tables,
            queues=self.queues,
            secrets=self.secrets,
            mail=self.mail,
        )
        for name, function in made.items():
            function.allow(statements(GRANTS[name], on))
        return made

    def _layers(self, assets: Assets) -> list[lambda_.LayerVersion]:
        return [
            lambda_.LayerVersion(
                self,
                name,
                description=f"calendar-service {self._stage.name}: {what}",
                code=assets.layer(folder),
                compatible_architectures=[lambda_.Architecture.ARM_64],
                compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
            )
            for name, what, folder in (
                ("Dependencies", "libraries from the lock file", self._stage.dependencies),
                ("Shared", "the package `shared`", "shared"),
            )
        ]

    def _settings(self) -> dict[str, str]:
        """Every setting the stack knows, by variable."""
        owner, secrets = self._owner, self.secrets
        return {
            "STAGE": self._stage.name,
            **self.tables.environment,
            "AUTH_ISSUER": owner.issuer,
            "AUTH_AUDIENCE": owner.audience,
            "AUTH_JWKS_URL": owner.jwks_url,
            "AUTH_HS256_SECRET_ID": secrets.hs256.secret_arn if secrets.hs256 else "",
            "TOKEN_KEY_ID": self.keys.credentials.key_arn,
            "SYNC_QUEUE_URL": self.queues.sync.queue_url,
            "PUBLIC_BASE_URL": self.api.url,
            "REDIRECT_ALLOW_LIST": ",".join(owner.redirect_allow_list),
            "CALDAV_ALLOWED_HOSTS": ",".join(owner.caldav_allowed_hosts),
            "GOOGLE_CLIENT_ID": owner.google_client_id,
            "MICROSOFT_CLIENT_ID": owner.microsoft_client_id,
            "MICROSOFT_AUTHORITY": owner.microsoft_authority,
            **{name: secret.secret_arn for name, secret in secrets.clients.items()},
            "MAIL_SENDER": owner.sender,
            "SES_CONFIGURATION_SET": self.mail.configuration_set.configuration_set_name,
            "SES_TOPIC_ARNS": self.mail.topic.topic_arn,
            **owner.rules,
        }

    def _everywhere(self) -> dict[str, str]:
        return {
            "POWERTOOLS_SERVICE_NAME": "calendar-service",
            "POWERTOOLS_METRICS_NAMESPACE": "CalendarService",
            "POWERTOOLS_LOG_LEVEL": LOG_LEVEL,
            **self._owner.environment,
        }

    def _start_workers(self) -> None:
        sources = self.sources = Sources(self, "Sources", queues=self.queues)
        sources.stream_to(self.functions["relay"], self.tables)
        at_once = (
            FUNCTIONS["calendar_sync"].concurrency if self._stage.reserves_concurrency else None
        )
        sources.queue_to(self.functions["calendar_sync"], at_once=at_once)
        sources.fates_to(self.functions["ses_notifications"], self.mail)
        for name in SCHEDULED:
            sources.schedule(name, self.functions[name])

    def _dead_letters(self, name: str) -> sqs.IQueue | None:
        """Where an asynchronous call that keeps failing ends."""
        if name == "ses_notifications":
            return self.queues.notifications_dead
        return self.queues.schedules_dead if name in SCHEDULED else None

    def _tell(self) -> None:
        told = {
            "ApiId": self.api.http.api_id,
            "ApiUrl": self.api.url,
            "EventsTable": self.tables.events.table_name,
            "ConnectionsTable": self.tables.connections.table_name,
            "SyncQueueUrl": self.queues.sync.queue_url,
            **{f"{name.title()}DeadUrl": each.queue_url for name, each in self.queues.dead.items()},
            "SesTopicArn": self.mail.topic.topic_arn,
            **{
                f"{name.partition('_')[0].title()}SecretArn": each.secret_arn
                for name, each in self.secrets.clients.items()
            },
            **({"Hs256SecretArn": self.secrets.hs256.secret_arn} if self.secrets.hs256 else {}),
            **{
                f"{name.title().replace('_', '')}Function": each.function.function_name
                for name, each in self.functions.items()
            },
        }
        if self.api.domain:
            told["DomainTarget"] = self.api.domain.regional_domain_name
        for name, value in told.items():
            CfnOutput(self, name, value=value)
        if self.mail.identity:
            for number, record in enumerate(self.mail.identity.dkim_records, 1):
                CfnOutput(self, f"Dkim{number}", value=f"{record.name} CNAME {record.value}")
