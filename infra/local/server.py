"""The whole service on this machine: real handlers, a local AWS, a real CalDAV server."""

import contextlib
import logging
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, TypeVar

import httpx

from infra.local import gateway
from infra.local.aws import create_resources, create_secrets
from infra.local.clock import LocalClock
from infra.local.control import PREFIX, SYNC_SECONDS, Control
from infra.local.elsewhere import SECRETS, CaldavAccount, Elsewhere, elsewhere
from infra.local.front import Front
from infra.local.gateway import Request, Response
from infra.local.mail.control import MailControl
from infra.local.mail.endpoint import SesEndpoint
from infra.local.mail.mails import Mails
from infra.local.mail.reports import Reports
from infra.local.mail.sns import Topic
from infra.local.processes import ministack
from infra.local.pump import Invoker, Pump, Work
from infra.local.schedule import Schedules
from infra.local.settling import Settling
from infra.local.simulators.serving import serving
from infra.local.tokens import token as mint
from infra.local.workers import DEFAULT_WORKERS, InvocationFailed, TimedOut, Workers
from shared.settings import Settings

ACCOUNT = "123456789012"
HTTP_SECONDS = 29
"""How long a handler may take, one second less than API Gateway waits."""

READING = ("GET", "HEAD", "OPTIONS")
T = TypeVar("T")
log = logging.getLogger(__name__)
_CREATED_HERE = {
    "STAGE",
    "EVENTS_TABLE",
    "CONNECTIONS_TABLE",
    "TOKEN_KEY_ID",
    "SYNC_QUEUE_URL",
    "AUTH_HS256_SECRET_ID",
    "SES_TOPIC_ARNS",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A running service; the calendars `elsewhere` are ready to be connected.

    `mails` holds what it sent, and lets SES report on it.
    """

    url: str
    elsewhere: Elsewhere
    mails: Mails
    _environment: Mapping[str, str] = field(repr=False)
    _settling: Settling = field(repr=False)
    _clock: LocalClock = field(repr=False)
    _schedule: Schedules = field(repr=False)

    @property
    def caldav(self) -> CaldavAccount:
        """The account of the CalDAV server."""
        return self.elsewhere.caldav

    def token(self, sub: str, roles: list[str], **claims: Any) -> str:
        """Return a token for that user, good for hours; claims are added or replaced."""
        return mint(
            sub,
            roles,
            issuer=self._environment["AUTH_ISSUER"],
            audience=self._environment["AUTH_AUDIENCE"],
            **claims,
        )

    def settle(self, *, seconds: float = SYNC_SECONDS) -> Work:
        """Wait until no sync work and no report of SES is left and return the sync work done.

        Raises:
            StillBusy: when something is left after that many seconds.
        """
        return self._settling.wait_until_idle(seconds=seconds)

    def until(self, check: Callable[[], T]) -> T:
        """Return what `check` returns once no work is left to do.

        Raises:
            StillBusy: when something is left after `SYNC_SECONDS`.
        """
        self.settle()
        return check()

    def refresh(self) -> Any:
        """Run the token schedule once and return what it counted."""
        return self._schedule.refresh_once()

    def set_clock(self, instant: datetime | None) -> None:
        """Let the service believe it is that instant (aware), or with None the real time."""
        self._clock.set(instant)


@contextlib.contextmanager
def service(
    *, port: int = 0, workers: int = DEFAULT_WORKERS, output: IO[bytes] | None = None
) -> Iterator[Service]:
    """Run the whole service on that port (0: any free one) for the length of the block.

    `output` takes what the handlers print; without it that goes to a file that is thrown away.
    Settings of this process's environment win over the ones made here, but for the names of what
    is created here; CALDAV_ALLOWED_HOSTS is added to.

    Raises:
        NotStarted: when a server it needs does not come up.
        OSError: when the port is taken.
        pydantic.ValidationError: when a setting of the environment is wrong.
    """
    with contextlib.ExitStack() as stack:
        state = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="calendar-service-")))
        front = stack.enter_context(Front(port))
        calendars = stack.enter_context(elsewhere(state))
        endpoint = stack.enter_context(ministack(log=state / "ministack.log"))
        created = create_resources(endpoint, account=ACCOUNT)
        create_secrets(created, dict(SECRETS.values()))
        clock = LocalClock()
        ses, topic = stack.enter_context(serving(SesEndpoint(now=clock.now))), Topic()
        created |= {**ses.environment, **topic.environment}
        environment = _environment(os.environ, created, url=front.url, calendars=calendars)
        Settings.read(environment)
        written = output or stack.enter_context((state / "handlers.log").open("ab"))
        pool = Workers(environment, log=written, now=clock.override, count=workers)
        stack.callback(pool.stop)
        pump = Pump(pool, environment, concurrency=max(1, workers - 1))
        reports = Reports(pool)
        mails = Mails(ses, topic, reports, now=clock.now)
        stack.enter_context(_moving(pump, reports, pool))
        schedule = Schedules(pool)
        stack.enter_context(_scheduled(schedule))
        settling = Settling(pump, reports)
        control = Control(settling, clock, refresh=schedule.refresh_once, mail=MailControl(mails))
        front.answer = Answering(pool, control=control, written=pump.wake)
        stack.enter_context(_serving(front))
        yield Service(
            url=front.url,
            elsewhere=calendars,
            mails=mails,
            _environment=environment,
            _settling=settling,
            _clock=clock,
            _schedule=schedule,
        )


class Answering:
    """Answers a request by invoking the function its path leads to.

    `written` is called after a request that may have left work to do.
    """

    def __init__(self, invoker: Invoker, *, control: Control, written: Callable[[], None]) -> None:
        self._invoker = invoker
        self._control = control
        self._written = written

    def __call__(self, request: Request) -> Response:
        """Return the answer; never raises for what a handler does."""
        path = request.target.partition("?")[0]
        if path.startswith(PREFIX):
            return self._control.answer(request.method, path, request.body)
        matched = gateway.match(request.method, path)
        payload = gateway.payload(request, matched, now=datetime.now(UTC))
        answer = self._invoke(matched.function, payload)
        if request.method not in READING:
            self._written()
        return answer

    def _invoke(self, function: str, payload: dict[str, Any]) -> Response:
        module = f"functions.{function}.handler"
        try:
            answer = self._invoker.invoke(module, payload, function=function, seconds=HTTP_SECONDS)
        except TimedOut as error:
            log.error("%s", error)  # noqa: TRY400 - the handler's traceback is in it, ours says nothing
            return gateway.service_unavailable()
        except InvocationFailed as error:
            log.error("%s", error)  # noqa: TRY400 - the handler's traceback is in it, ours says nothing
            return gateway.internal_error()
        return gateway.response(answer)


def _environment(
    given: Mapping[str, str], created: Mapping[str, str], *, url: str, calendars: Elsewhere
) -> dict[str, str]:
    # No AWS variable of this process reaches a handler: it might lead to a real account.
    inherited = {name: value for name, value in given.items() if not name.startswith("AWS_")}
    known = {name.upper() for name in Settings.model_fields} - _CREATED_HERE
    chosen = {name: given[name] for name in known if given.get(name)}
    ours = {**created, **calendars.environment, "PUBLIC_BASE_URL": url}
    if "AUTH_JWKS_URL" in chosen:
        del ours["AUTH_HS256_SECRET_ID"]
    hosts = [
        httpx.URL(calendars.caldav.url).netloc.decode(),
        chosen.pop("CALDAV_ALLOWED_HOSTS", ""),
    ]
    allowed = ",".join(host for host in hosts if host)
    return {**inherited, **ours, **chosen, "CALDAV_ALLOWED_HOSTS": allowed}


@contextlib.contextmanager
def _moving(pump: Pump, reports: Reports, workers: Workers) -> Iterator[None]:
    pump.start()
    try:
        yield
    finally:
        # The workers go first, or an invocation that hangs would hold the others.
        pump.halt()
        reports.halt()
        workers.stop()
        pump.join()
        reports.join()


@contextlib.contextmanager
def _scheduled(schedule: Schedules) -> Iterator[None]:
    schedule.start()
    try:
        yield
    finally:
        schedule.stop()


@contextlib.contextmanager
def _serving(front: Front) -> Iterator[None]:
    thread = threading.Thread(target=front.serve_forever, kwargs={"poll_interval": 0.1})
    thread.start()
    try:
        yield
    finally:
        front.shutdown()
        thread.join()
