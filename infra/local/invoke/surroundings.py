"""What is around a function that is invoked here: AWS, calendars, and mail that goes nowhere."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from infra.environment import EVERYBODY, SETTINGS, environment
from infra.local.aws import create_resources, create_secrets
from infra.local.elsewhere import SECRETS, Elsewhere, elsewhere
from infra.local.mail.endpoint import SesEndpoint
from infra.local.mail.sns import Topic
from infra.local.simulators.serving import serving
from infra.payloads.shapes import AT, HOST

BASE_URL = f"https://{HOST}"
PAGE = "https://app.example/calendars"
"""Where the payloads ask to be sent back to from a provider's page."""

_TOPIC = "calendar-service-mail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """An AWS with every resource, empty, beside the calendars `elsewhere`.

    `values` are all the variables there are; the topic's messages are truly signed.
    """

    values: Mapping[str, str] = field(repr=False)
    elsewhere: Elsewhere
    topic: Topic

    def environment(self, function: str) -> dict[str, str]:
        """Return the variables of a function: of the settings only those the stack gives it."""
        settings = {*EVERYBODY, *(name for names in SETTINGS.values() for name in names)}
        given = {name: value for name, value in self.values.items() if name not in settings}
        return environment(function, self.values, given=given)


@contextmanager
def surroundings(state: Path, endpoint: str, *, account: str) -> Iterator[Surroundings]:
    """Set all of it up for the length of the block, in that account of a local AWS.

    Raises:
        NotStarted: when a server it needs does not come up.
    """
    with ExitStack() as stack:
        calendars = stack.enter_context(elsewhere(state))
        mail = stack.enter_context(serving(SesEndpoint(now=lambda: AT)))
        topic = Topic(_TOPIC)
        created = create_resources(endpoint, account=account)
        create_secrets(created, dict(SECRETS.values()))
        values = {
            **created,
            **calendars.environment,
            **mail.environment,
            **topic.environment,
            "CALDAV_ALLOWED_HOSTS": httpx.URL(calendars.caldav.url).netloc.decode(),
            "PUBLIC_BASE_URL": BASE_URL,
            "REDIRECT_ALLOW_LIST": PAGE,
        }
        yield Surroundings(values=values, elsewhere=calendars, topic=topic)
