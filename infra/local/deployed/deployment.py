"""The deployed service with the world around it: calendars elsewhere, and a sink for its mail."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
import httpx

from infra.local.aws import AUDIENCE, HS256_SECRET, ISSUER, client_environment, open_session
from infra.local.demo.stage import DemoFailed, expect
from infra.local.deployed.cdk import Cdk
from infra.local.deployed.topic import DeployedTopic
from infra.local.elsewhere import SECRETS, Elsewhere, elsewhere
from infra.local.mail.endpoint import SENDER, SesEndpoint
from infra.local.mail.mails import Mails
from infra.local.mail.sns import Topic
from infra.local.processes import ministack
from infra.local.simulators.serving import serving
from infra.local.tokens import token

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

ACCOUNT = "123456789012"
INVOKE_PATH = "/_aws/execute-api/"
"""Where the local API Gateway answers for an API, whose id follows."""

CHECK_SECONDS = 60
_POLL_SECONDS = 0.2
_CONTEXT_CLIENTS = ("GOOGLE_CLIENT_ID", "MICROSOFT_CLIENT_ID")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A deployed service, whose clock is the real one."""

    url: str
    elsewhere: Elsewhere
    mails: Mails
    _outputs: Mapping[str, str] = field(repr=False)
    _sqs: "SQSClient" = field(repr=False)
    _lambda: Any = field(repr=False)

    def token(self, sub: str, roles: list[str], **claims: Any) -> str:
        """Return a token for that user; claims are added or replaced."""
        return token(sub, roles, **claims)

    def until(self, check: Callable[[], T], *, seconds: float = CHECK_SECONDS) -> T:
        """Return what `check` returns as soon as it raises nothing.

        Nobody tells when a deployed service has nothing left to do, so it is asked again and again.

        Raises:
            DemoFailed: what it still raises after that many seconds.
        """
        end = time.monotonic() + seconds
        while True:
            try:
                return check()
            except DemoFailed:
                if time.monotonic() > end:
                    raise
            time.sleep(_POLL_SECONDS)

    def refresh(self) -> Any:
        """Invoke the function of the token schedule once and return what it counted.

        Raises:
            DemoFailed: when it failed.
        """
        name = self._outputs["TokenRefreshFunction"]
        answer = self._lambda.invoke(FunctionName=name, Payload=b"{}")
        told = answer["Payload"].read().decode()
        expect("FunctionError" not in answer, f"{name} failed: {told}")
        return json.loads(told)

    def check_dead_letters(self) -> None:
        """Look for messages that were given up.

        Raises:
            DemoFailed: naming the first queue that holds one.
        """
        for name, url in self._outputs.items():
            if name.endswith("DeadUrl"):
                held = self._sqs.get_queue_attributes(
                    QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
                )["Attributes"]["ApproximateNumberOfMessages"]
                expect(int(held) == 0, f"the queue of output {name} holds {held} messages")


@contextlib.contextmanager
def deployment(folder: Path, *, log: Path) -> Iterator[Deployment]:
    """Deploy the stack and run it for the length of the block; all it writes is in `folder`.

    Raises:
        CdkFailed: when it cannot be deployed.
        NotStarted: when a server it needs does not come up.
    """
    with contextlib.ExitStack() as stack:
        endpoint = stack.enter_context(ministack(log=log, account=ACCOUNT))
        calendars = stack.enter_context(elsewhere(folder))
        ses = stack.enter_context(serving(SesEndpoint()))
        client = client_environment(endpoint, account=ACCOUNT)
        context = _context(endpoint, calendars=calendars, ses=ses)
        outputs = Cdk(client, account=ACCOUNT, folder=folder).deploy(context)
        session = open_session(client)
        _put_secrets(session, endpoint, outputs)
        sns = session.client("sns", endpoint_url=endpoint)
        topic = stack.enter_context(DeployedTopic(sns, outputs["SesTopicArn"]))
        yield Deployment(
            url=f"{endpoint}{INVOKE_PATH}{outputs['ApiId']}",
            elsewhere=calendars,
            mails=Mails(ses, Topic(), topic),
            _outputs=outputs,
            _sqs=session.client("sqs", endpoint_url=endpoint),
            _lambda=session.client("lambda", endpoint_url=endpoint),
        )


def _context(endpoint: str, *, calendars: Elsewhere, ses: SesEndpoint) -> dict[str, str]:
    """Return the stage's values, as whoever deploys it gives them."""
    ours = {"AWS_ENDPOINT_URL": endpoint, "AWS_ENDPOINT_URL_SESV2": ses.url}
    theirs = {
        name: value
        for name, value in calendars.environment.items()
        if name not in SECRETS and name not in _CONTEXT_CLIENTS
    }
    return {
        "stage": "local",
        "issuer": ISSUER,
        "audience": AUDIENCE,
        "sender": SENDER,
        "public_base_url": f"{endpoint}{INVOKE_PATH}{{api}}",
        "caldav_allowed_hosts": httpx.URL(calendars.caldav.url).netloc.decode(),
        "environment": json.dumps({**ours, **theirs}),
        **{name.lower(): calendars.environment[name] for name in _CONTEXT_CLIENTS},
    }


def _put_secrets(session: boto3.Session, endpoint: str, outputs: Mapping[str, str]) -> None:
    """Put in what the stack leaves to people: the clients' secrets, and a key that is known."""
    client = session.client("secretsmanager", endpoint_url=endpoint)
    google, microsoft = (value for _, value in SECRETS.values())
    for output, value in (
        ("Hs256SecretArn", HS256_SECRET),
        ("GoogleSecretArn", google),
        ("MicrosoftSecretArn", microsoft),
    ):
        client.put_secret_value(SecretId=outputs[output], SecretString=value)
