"""SES: the sender, the configuration set, and the topic that tells what became of each mail."""

from aws_cdk import aws_kms as kms
from aws_cdk import aws_ses as ses
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.stages import Owner, Stage
from shared.domain.address import Mailbox, mailbox

FATES = (
    ses.EmailSendingEvent.SEND,
    ses.EmailSendingEvent.REJECT,
    ses.EmailSendingEvent.BOUNCE,
    ses.EmailSendingEvent.COMPLAINT,
    ses.EmailSendingEvent.DELIVERY,
    ses.EmailSendingEvent.DELIVERY_DELAY,
    ses.EmailSendingEvent.RENDERING_FAILURE,
)
"""What SES is to tell of a mail; opens and clicks would need links rewritten."""


class Mail(Construct):
    """Everything invitations are sent with."""

    def __init__(
        self, scope: Construct, name: str, *, stage: Stage, owner: Owner, key: kms.IKey
    ) -> None:
        super().__init__(scope, name)
        self.sender: Mailbox = mailbox(owner.sender)
        self.topic = sns.Topic(
            self, "Fates", master_key=key, signature_version="2", enforce_ssl=True
        )
        self.configuration_set = ses.ConfigurationSet(
            self,
            "Configuration",
            tls_policy=ses.ConfigurationSetTlsPolicy.REQUIRE,
            reputation_metrics=True,
            suppression_reasons=ses.SuppressionReasons.BOUNCES_AND_COMPLAINTS,
        )
        self.configuration_set.add_event_destination(
            "Fates",
            destination=ses.EventDestination.sns_topic(self.topic),
            events=list(FATES),
        )
        self.identity = (
            self._identity() if stage.mail_identity and not owner.identity_exists else None
        )

    def _identity(self) -> ses.EmailIdentity:
        return ses.EmailIdentity(
            self,
            "Domain",
            identity=ses.Identity.domain(self.sender.domain),
            configuration_set=self.configuration_set,
        )
