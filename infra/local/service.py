"""Runs the whole service on this machine: the handlers, a local AWS and a CalDAV server."""

import contextlib
import logging
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

from infra.local import gateway
from infra.local.aws import create_resources, create_secrets
from infra.local.clock import LocalClock
from infra.local.console.calendars import CALENDARS, CalendarsControl
from infra.local.console.faults import FAULTS, FaultsControl
from infra.local.console.tokens import TOKEN, TokenControl
from infra.local.control import (
    EVENTS,
    PREFIX,
    SYNC_SECONDS,
    Control,
    PathHandler,
    foreign_page,
)
from infra.local.cors import Cors
from infra.local.environment import check_settings, front_ends, handler_environment
from infra.local.event_log import EventLog
from infra.local.event_sources import EventSources, HandlerInvoker, WorkReport
from infra.local.gateway import Request, Response
from infra.local.http_server import HttpServer
from infra.local.mail.control import MailControl
from infra.local.mail.endpoint import SesEndpoint
from infra.local.mail.mails import Mails
from infra.local.mail.received import ReceivedMails, create_bucket
from infra.local.mail.report_delivery import ReportDelivery
from infra.local.mail.sns import Topic
from infra.local.metrics_file import METRICS_FILE
from infra.local.processes import ministack
from infra.local.provider_servers import SECRETS, CaldavAccount, ProviderServers, provider_servers
from infra.local.publish_source import PublishSource
from infra.local.schedules import Schedules
from infra.local.simulators.serving import serving
from infra.local.tokens import token as mint
from infra.local.wait_idle import IdleWaiter
from infra.local.webhook_source import WebhookSource
from infra.local.workers import DEFAULT_WORKERS, InvocationFailed, TimedOut, Workers

ACCOUNT = "123456789012"
HTTP_SECONDS = 29
"""Time-out of a handler, one second below API Gateway's."""

READ_METHODS = ("GET", "HEAD", "OPTIONS")
T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A running service.

    The accounts on `servers` can be connected; `mails` holds sent mail and simulates SES reports.
    """

    url: str
    servers: ProviderServers
    mails: Mails
    _environment: Mapping[str, str] = field(repr=False)
    _waiter: IdleWaiter = field(repr=False)
    _clock: LocalClock = field(repr=False)
    _schedule: Schedules = field(repr=False)

    @property
    def caldav(self) -> CaldavAccount:
        """The account on the CalDAV server."""
        return self.servers.caldav

    def token(self, sub: str, roles: list[str], **claims: Any) -> str:
        """Return a bearer token for that user, valid for hours; `claims` are added or replaced."""
        return mint(
            sub,
            roles,
            issuer=self._environment["AUTH_ISSUER"],
            audience=self._environment["AUTH_AUDIENCE"],
            **claims,
        )

    @property
    def console(self) -> str:
        """The address of the console with the token of an Admin.

        A browser does not send the part after the number sign, and the page removes it.
        """
        return f"{self.url}/console#token={self.token('admin-1', ['Admin'])}"

    def wait_until_idle(self, *, seconds: float = SYNC_SECONDS) -> WorkReport:
        """Wait until no sync work and no SES report is left; return the sync work done.

        Raises:
            WorkLeft: when work is left after that many seconds.
        """
        return self._waiter.wait_until_idle(seconds=seconds)

    def until(self, check: Callable[[], T]) -> T:
        """Wait until no work is left, then return the result of `check`.

        Raises:
            WorkLeft: when work is left after `SYNC_SECONDS`.
        """
        self.wait_until_idle()
        return check()

    def refresh(self) -> Any:
        """Run the token schedule once and return its counts."""
        return self._schedule.refresh_once()

    def set_clock(self, instant: datetime | None) -> None:
        """Set the service's clock to that aware instant; None restores the real time."""
        self._clock.set(instant)


@contextlib.contextmanager
def service(
    *,
    port: int = 0,
    workers: int = DEFAULT_WORKERS,
    output: IO[bytes] | None = None,
    metrics: Path | None = None,
) -> Iterator[Service]:
    """Run the whole service on that port (0: any free one) for the length of the block.

    Handlers print to `output` (None: a temporary file). Metrics go to the file `metrics` (None: to
    `output`). `handler_environment` describes which settings of this process's environment apply.

    Raises:
        NotStarted: when a server it needs does not start.
        OSError: when the port is in use.
        ValueError: when a setting of the environment or FRONT_ENDS is invalid.
    """
    check_settings(os.environ)
    cors = Cors(front_ends(os.environ))
    with contextlib.ExitStack() as stack:
        state = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="calendar-service-")))
        http_server = stack.enter_context(HttpServer(port))
        servers = stack.enter_context(provider_servers(state))
        endpoint = stack.enter_context(ministack(log=state / "ministack.log"))
        created = create_resources(endpoint, account=ACCOUNT)
        create_secrets(created, dict(SECRETS.values()))
        clock = LocalClock()
        ses, topic = stack.enter_context(serving(SesEndpoint(now=clock.now))), Topic()
        created |= {**ses.environment, **topic.environment, **create_bucket(created)}
        environment = handler_environment(os.environ, created, url=http_server.url, servers=servers)
        if metrics:
            metrics.parent.mkdir(parents=True, exist_ok=True)
            environment[METRICS_FILE] = str(metrics)
        log_file = output or stack.enter_context((state / "handlers.log").open("ab"))
        pool = Workers(environment, log=log_file, now=clock.override, count=workers)
        stack.callback(pool.stop)
        sources = EventSources(pool, environment, concurrency=max(1, workers - 1))
        webhooks, published = WebhookSource(pool, environment), PublishSource(pool, environment)
        reports = ReportDelivery(pool)
        mails = Mails(ses, topic, reports, now=clock.now)
        stack.enter_context(_delivering(pool, reports, (sources, webhooks, published)))
        schedule = Schedules(pool)
        stack.enter_context(_scheduled(schedule))
        waiter = IdleWaiter(sources, reports)
        received = ReceivedMails(environment, pool, now=clock.now)
        control = Control(
            waiter,
            clock,
            refresh=schedule.refresh_once,
            mail=MailControl(mails, calendars=received),
            others={
                EVENTS: EventLog(environment, wait=published.wait_until_published),
                **_for_the_console(servers, clock, environment),
            },
        )
        http_server.handler = RequestRouter(pool, control=control, on_write=sources.wake, cors=cors)
        stack.enter_context(_serving(http_server))
        yield Service(
            url=http_server.url,
            servers=servers,
            mails=mails,
            _environment=environment,
            _waiter=waiter,
            _clock=clock,
            _schedule=schedule,
        )


class PollingSource(Protocol):
    """Invokes functions in its own thread, from `start` to `halt`; `join` waits for its end."""

    def start(self) -> None:
        """Start."""
        ...

    def halt(self) -> None:
        """Take no more work."""
        ...

    def join(self) -> None:
        """Wait until it has ended."""
        ...


def _for_the_console(
    servers: ProviderServers, clock: LocalClock, environment: Mapping[str, str]
) -> dict[str, PathHandler]:
    issuer, audience = environment["AUTH_ISSUER"], environment["AUTH_AUDIENCE"]
    return {
        CALENDARS: CalendarsControl(servers, now=clock.now),
        FAULTS: FaultsControl({"google": servers.google, "outlook": servers.microsoft}),
        TOKEN: TokenControl(partial(mint, issuer=issuer, audience=audience)),
    }


class RequestRouter:
    """Handles a request by invoking the function of its route.

    Calls `on_write` after a request that may have written something.
    """

    def __init__(
        self,
        invoker: HandlerInvoker,
        *,
        control: Control,
        on_write: Callable[[], None],
        cors: Cors,
    ) -> None:
        self._invoker = invoker
        self._control = control
        self._on_write = on_write
        self._cors = cors

    def __call__(self, request: Request) -> Response:
        """Return the response; errors of a handler become a 500 or 503."""
        path = request.target.partition("?")[0]
        if path.startswith(PREFIX):
            if self._cors.is_foreign(request):
                return foreign_page()
            return self._control.respond(request.method, path, request.body)
        if path == "/":
            return gateway.moved_to("/console")
        return self._cors.respond(request, self._handle)

    def _handle(self, request: Request) -> Response:
        path = request.target.partition("?")[0]
        matched = gateway.match(request.method, path)
        payload = gateway.payload(request, matched, now=datetime.now(UTC))
        response = self._invoke(matched.function, payload)
        if request.method not in READ_METHODS:
            self._on_write()
        return gateway.with_request_id(response, payload["requestContext"]["requestId"])

    def _invoke(self, function: str, payload: dict[str, Any]) -> Response:
        module = f"functions.{function}.handler"
        try:
            result = self._invoker.invoke(module, payload, function=function, seconds=HTTP_SECONDS)
        except TimedOut as error:
            log.error("%s", error)  # noqa: TRY400 - the message holds the handler's traceback
            return gateway.service_unavailable()
        except InvocationFailed as error:
            log.error("%s", error)  # noqa: TRY400 - the message holds the handler's traceback
            return gateway.internal_error()
        return gateway.response(result)


@contextlib.contextmanager
def _delivering(
    workers: Workers, reports: ReportDelivery, sources: Sequence[PollingSource]
) -> Iterator[None]:
    for each in sources:
        each.start()
    try:
        yield
    finally:
        # Stop the workers before joining: a hanging invocation would block the join.
        for each in sources:
            each.halt()
        reports.halt()
        workers.stop()
        for each in sources:
            each.join()
        reports.join()


@contextlib.contextmanager
def _scheduled(schedule: Schedules) -> Iterator[None]:
    schedule.start()
    try:
        yield
    finally:
        schedule.stop()


@contextlib.contextmanager
def _serving(server: HttpServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
