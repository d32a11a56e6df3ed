"""What an invoked function uses: a local AWS, provider servers, and mail that is not sent."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from infra.environment import environment
from infra.functions import FUNCTIONS, SETTINGS
from infra.local.aws import create_resources, create_secrets
from infra.local.mail.endpoint import SesEndpoint
from infra.local.mail.received import create_bucket, store_mail
from infra.local.mail.sns import Topic
from infra.local.provider_servers import SECRETS, ProviderServers, provider_servers
from infra.local.simulators.serving import serving
from infra.openapi.examples import EXAMPLE_NOW
from infra.payloads.reply import MESSAGE_ID, REPLY
from infra.payloads.shapes import HOST

BASE_URL = f"https://{HOST}"
PAGE = "https://app.example/calendars"
"""The redirectUri in the payloads."""

_TOPIC = "calendar-service-mail"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalResources:
    """An AWS with every resource, empty, and the provider servers.

    `values` are all environment variables. The topic's messages have valid signatures.
    """

    values: Mapping[str, str] = field(repr=False)
    servers: ProviderServers
    topic: Topic

    def environment(self, function: str) -> dict[str, str]:
        """Return the variables of a function, with only the settings that the stack gives it."""
        extra = {name: value for name, value in self.values.items() if name not in SETTINGS}
        return environment(FUNCTIONS[function].settings, self.values, extra=extra)


@contextmanager
def local_resources(state: Path, endpoint: str, *, account: str) -> Iterator[LocalResources]:
    """Create all resources, in that account of a local AWS, for the length of the block.

    Raises:
        NotStarted: when a server it needs does not start.
    """
    with ExitStack() as stack:
        servers = stack.enter_context(provider_servers(state))
        mail = stack.enter_context(serving(SesEndpoint(now=lambda: EXAMPLE_NOW)))
        topic = Topic(_TOPIC)
        created = create_resources(endpoint, account=account)
        create_secrets(created, dict(SECRETS.values()))
        values = {
            **created,
            **servers.environment,
            **mail.environment,
            **topic.environment,
            **create_bucket(created),
            "CALDAV_ALLOWED_HOSTS": httpx.URL(servers.caldav.url).netloc.decode(),
            "PUBLIC_BASE_URL": BASE_URL,
            "REDIRECT_ALLOW_LIST": PAGE,
        }
        store_mail(values, MESSAGE_ID, REPLY)
        yield LocalResources(values=values, servers=servers, topic=topic)
