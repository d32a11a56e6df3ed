"""A deployed service with its surroundings: provider servers and a local SES."""

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
from infra.local.demo.common import DemoFailed, expect
from infra.local.deployed.cdk import Cdk
from infra.local.deployed.published import BusListener
from infra.local.deployed.topic import DeployedTopic
from infra.local.mail.endpoint import SENDER, SesEndpoint
from infra.local.mail.mails import Mails
from infra.local.mail.sns import Topic
from infra.local.processes import ministack
from infra.local.provider_servers import SECRETS, ProviderServers, provider_servers
from infra.local.simulators.serving import serving
from infra.local.tokens import token
from infra.oauth_clients import OAUTH_CLIENTS

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

ACCOUNT = "123456789012"
INVOKE_PATH = "/_aws/execute-api/"
"""The path of an API at the local API Gateway; the API's id follows."""

CHECK_SECONDS = 60
_POLL_SECONDS = 0.2
_CLIENT_IDS = tuple(client.id_setting for client in OAUTH_CLIENTS.values())
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A deployed service; its clock is the real one."""

    url: str
    servers: ProviderServers
    mails: Mails
    bus: BusListener
    _outputs: Mapping[str, str] = field(repr=False)
    _sqs: "SQSClient" = field(repr=False)
    _lambda: Any = field(repr=False)

    def token(self, sub: str, roles: list[str], **claims: Any) -> str:
        """Return a token for that user; claims are added or replaced."""
        return token(sub, roles, **claims)

    def until(self, check: Callable[[], T], *, seconds: float = CHECK_SECONDS) -> T:
        """Call `check` until it does not raise, and return its result.

        A deployed service does not report when it is idle, so this polls.

        Raises:
            DemoFailed: raised by `check` after that many seconds.
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
        """Invoke the function of the token schedule once and return its counts.

        Raises:
            DemoFailed: when it failed.
        """
        name = self._outputs["TokenRefreshFunction"]
        response = self._lambda.invoke(FunctionName=name, Payload=b"{}")
        result = response["Payload"].read().decode()
        expect("FunctionError" not in response, f"{name} failed: {result}")
        return json.loads(result)

    def check_dead_letters(self) -> None:
        """Check that the dead-letter queues are empty.

        Raises:
            DemoFailed: naming the first queue that is not empty.
        """
        for name, url in self._outputs.items():
            if name.endswith("DeadUrl"):
                count = self._sqs.get_queue_attributes(
                    QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
                )["Attributes"]["ApproximateNumberOfMessages"]
                expect(int(count) == 0, f"the queue of output {name} holds {count} messages")


@contextlib.contextmanager
def deployment(folder: Path, *, log: Path) -> Iterator[Deployment]:
    """Deploy the stack for the length of the block; all files are written to `folder`.

    Raises:
        CdkFailed: when the deployment fails.
        NotStarted: when a server it needs does not start.
    """
    with contextlib.ExitStack() as stack:
        endpoint = stack.enter_context(ministack(log=log, account=ACCOUNT))
        servers = stack.enter_context(provider_servers(folder))
        ses = stack.enter_context(serving(SesEndpoint()))
        client = client_environment(endpoint, account=ACCOUNT)
        context = _context(endpoint, servers=servers, ses=ses)
        outputs = Cdk(client, account=ACCOUNT, folder=folder).deploy(context)
        session = open_session(client)
        _put_secrets(session, endpoint, outputs)
        sns = session.client("sns", endpoint_url=endpoint)
        topic = stack.enter_context(DeployedTopic(sns, outputs["SesTopicArn"]))
        yield Deployment(
            url=f"{endpoint}{INVOKE_PATH}{outputs['ApiId']}",
            servers=servers,
            mails=Mails(ses, Topic(), topic),
            bus=BusListener(session, endpoint, bus=outputs["EventBusName"]),
            _outputs=outputs,
            _sqs=session.client("sqs", endpoint_url=endpoint),
            _lambda=session.client("lambda", endpoint_url=endpoint),
        )


def _context(endpoint: str, *, servers: ProviderServers, ses: SesEndpoint) -> dict[str, str]:
    """Return the stage's values, as an operator passes them with -c."""
    endpoints = {"AWS_ENDPOINT_URL": endpoint, "AWS_ENDPOINT_URL_SESV2": ses.url}
    providers = {
        name: value
        for name, value in servers.environment.items()
        if name not in SECRETS and name not in _CLIENT_IDS
    }
    return {
        "stage": "local",
        "issuer": ISSUER,
        "audience": AUDIENCE,
        "sender": SENDER,
        "public_base_url": f"{endpoint}{INVOKE_PATH}{{api}}",
        "caldav_allowed_hosts": httpx.URL(servers.caldav.url).netloc.decode(),
        "environment": json.dumps({**endpoints, **providers}),
        **{name.lower(): servers.environment[name] for name in _CLIENT_IDS},
    }


def _put_secrets(session: boto3.Session, endpoint: str, outputs: Mapping[str, str]) -> None:
    """Store the secrets that an operator stores by hand: client secrets and the signing key."""
    client = session.client("secretsmanager", endpoint_url=endpoint)
    values = {
        "Hs256SecretArn": HS256_SECRET,
        **{each.secret_output: SECRETS[each.secret_setting][1] for each in OAUTH_CLIENTS.values()},
    }
    for output, value in values.items():
        client.put_secret_value(SecretId=outputs[output], SecretString=value)
