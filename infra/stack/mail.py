"""SES: the sender's identity, the configuration set, and the topic for delivery notifications."""

from aws_cdk import aws_kms as kms
from aws_cdk import aws_ses as ses
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.inputs import DeploymentInputs
from infra.stages import StageSpec
from shared.domain.address import Mailbox, parse_mailbox

EVENT_TYPES = (
    ses.EmailSendingEvent.SEND,
    ses.EmailSendingEvent.REJECT,
    ses.EmailSendingEvent.BOUNCE,
    ses.EmailSendingEvent.COMPLAINT,
    ses.EmailSendingEvent.DELIVERY,
    ses.EmailSendingEvent.DELIVERY_DELAY,
    ses.EmailSendingEvent.RENDERING_FAILURE,
)
"""The events SES publishes. Opens and clicks are left out: SES would have to rewrite links."""


class Mail(Construct):
    """Everything needed to send invitations and to receive notifications about them."""

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
        self.sender: Mailbox = parse_mailbox(inputs.sender)
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
            events=list(EVENT_TYPES),
        )
        self.identity = (
            self._identity(inputs) if stage.mail_identity and not inputs.identity_exists else None
        )

    def _identity(self, inputs: DeploymentInputs) -> ses.EmailIdentity:
        """Return the identity of the sender's domain.

        With a custom MAIL FROM domain, SPF is aligned for DMARC too. Until its DNS records are
        found, SES sends with its own domain instead of rejecting mail.
        """
        return ses.EmailIdentity(
            self,
            "Domain",
            identity=ses.Identity.domain(self.sender.domain),
            configuration_set=self.configuration_set,
            mail_from_domain=inputs.mail_from or None,
            mail_from_behavior_on_mx_failure=ses.MailFromBehaviorOnMxFailure.USE_DEFAULT_VALUE,
        )
