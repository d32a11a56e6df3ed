"""A simulated Microsoft: the authority at `/common` and Graph at `/v1.0`, on loopback.

`python -m infra.local.simulators.microsoft --port 8402` runs it alone. `mails` counts the mails
that Exchange would have sent.
"""

import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from urllib.parse import urlencode

from infra.local.simulators.common import Answer, Request, Route, json_answer
from infra.local.simulators.microsoft_accounts import object_id
from infra.local.simulators.microsoft_events import told
from infra.local.simulators.microsoft_item import Invalid, Item, Json
from infra.local.simulators.microsoft_mailbox import CALENDAR_ID, Mailbox, Repeated, Stale
from infra.local.simulators.microsoft_queries import matches
from infra.local.simulators.microsoft_signin import SignIns
from infra.local.simulators.microsoft_wire import (
    body_of,
    bound,
    calendar,
    check_calendar,
    error,
    event,
    prefer_of,
)
from infra.local.simulators.serving import run, serving
from infra.local.simulators.simulator import CONTROL, Simulator

CLIENT_ID = "0d7f2c54-6a0e-4f5e-9a3c-3f1d9a5b7c11"
CLIENT_SECRET = "local-microsoft-secret"  # noqa: S105 - of no use anywhere else
PERSONAL_EMAIL = "learner-1@outlook.com"
EMAILS = ("coach-1@contoso.example", PERSONAL_EMAIL)
GRAPH = "/v1.0"
MOST_PER_PAGE = 1_000

_NEEDED = {"calendar": "Calendars.ReadWrite", "settings": "MailboxSettings.Read"}


class Microsoft(Simulator):
    """Sign-in and mailboxes; accounts appear when they are first named.

    Faults of its own: `aadsts` {"code", "error"} and `no_refresh_token` at the token endpoint,
    `next_link` {"link"} and `empty_page` in a listing, `zone` {"zone"} for the times told.
    """

    own_faults = frozenset({"aadsts", "no_refresh_token", "next_link", "empty_page", "zone"})

    def __init__(self) -> None:
        super().__init__()
        self.sign_ins = SignIns(CLIENT_ID, CLIENT_SECRET, url=lambda: self.url)
        self.mailboxes: dict[str, Mailbox] = {}
        self.duplicate_status = 409
        self.tells_existing_id = True
        self.clear()

    @property
    def authority(self) -> str:
        """What MICROSOFT_AUTHORITY is set to."""
        return f"{self.url}/common"

    @property
    def graph_url(self) -> str:
        """What MICROSOFT_GRAPH_URL is set to."""
        return f"{self.url}{GRAPH}"

    @property
    def environment(self) -> dict[str, str]:
        """The settings that make the service talk to this Microsoft; the secret stays apart."""
        return {
            "MICROSOFT_CLIENT_ID": CLIENT_ID,
            "MICROSOFT_AUTHORITY": self.authority,
            "MICROSOFT_GRAPH_URL": self.graph_url,
        }

    @property
    def mails(self) -> list[str]:
        """The mails that would have been sent."""
        return [mail for mailbox in self.mailboxes.values() for mail in mailbox.mails]

    def clear(self) -> None:
        """Go back to the first state."""
        self.sign_ins.clear(EMAILS)
        self.mailboxes = {}
        self.duplicate_status = 409
        self.tells_existing_id = True

    def mailbox(self, email: str) -> Mailbox:
        """Return the mailbox of an account."""
        self.sign_ins.known(email)
        return self.mailboxes.setdefault(email, Mailbox(email))

    def routes(self) -> Sequence[Route]:
        """Return the paths of Graph, of the authority and of what only a simulator has."""
        return (*self._graph_routes(), *self.sign_ins.routes(), *self._own_control())

    def _graph_routes(self) -> Sequence[Route]:
        chosen = f"{GRAPH}/me/calendars/{{calendar_id}}"
        served: list[Route] = [
            self._graph("GET", "/me", self._me),
            self._graph("GET", "/me/calendar", self._calendar),
            self._graph("GET", "/me/calendars", self._calendars),
            self._graph("GET", "/me/mailboxSettings", self._settings, needs="settings"),
        ]
        for place in (f"{GRAPH}/me", f"{GRAPH}/me/calendar", chosen):
            path = place.removeprefix(GRAPH)
            served += [
                self._graph("GET", f"{path}/calendarView", self._view),
                self._graph("GET", f"{path}/events", self._list),
                self._graph("POST", f"{path}/events", self._create),
                self._graph("GET", f"{path}/events/{{event_id}}", self._read),
                self._graph("PATCH", f"{path}/events/{{event_id}}", self._change),
                self._graph("DELETE", f"{path}/events/{{event_id}}", self._delete),
            ]
        return served

    def _graph(
        self, method: str, path: str, serve: Callable[..., Answer], *, needs: str = "calendar"
    ) -> Route:
        return Route(method, GRAPH + path, partial(self._served, serve, _NEEDED[needs]))

    def _served(
        self, serve: Callable[..., Answer], scope: str, request: Request, **variables: str
    ) -> Answer:
        held = self.sign_ins.holder(request)
        if held is None:
            return error("InvalidAuthenticationToken", "Lifetime validation failed.")
        if scope not in held.scopes:
            return error("ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        try:
            return serve(self.mailbox(held.email), request, **variables)
        except Invalid as problem:
            return error(problem.code, problem.message)
        except Stale:
            return error("ErrorIrresolvableConflict", "The change key is out of date.", status=412)

    def _me(self, mailbox: Mailbox, _: Request) -> Answer:
        email = mailbox.email
        told = {"id": object_id(email), "userPrincipalName": email, "mail": email}
        return json_answer(told)

    def _calendar(self, mailbox: Mailbox, _: Request) -> Answer:
        return json_answer(calendar(mailbox, CALENDAR_ID))

    def _calendars(self, mailbox: Mailbox, _: Request) -> Answer:
        return json_answer({"value": [calendar(mailbox, each) for each in mailbox.calendars]})

    def _settings(self, mailbox: Mailbox, _: Request) -> Answer:
        return json_answer({"timeZone": mailbox.zone_name, "timeFormat": "HH:mm"})

    def _view(self, mailbox: Mailbox, request: Request, calendar_id: str = CALENDAR_ID) -> Answer:
        try:
            bounds = [bound(request.query[name]) for name in ("startDateTime", "endDateTime")]
        except (KeyError, ValueError) as problem:
            raise Invalid("ErrorInvalidParameter", f"The range is not given: {problem}") from None
        found = mailbox.view(calendar_id, *bounds)
        prefer = prefer_of(request)
        return self._page(
            request, [partial(told, each.item, request.query, prefer, each) for each in found]
        )

    def _list(self, mailbox: Mailbox, request: Request, calendar_id: str = CALENDAR_ID) -> Answer:
        check_calendar(mailbox, calendar_id)
        wanted = request.query.get("$filter")
        found = [
            each for each in mailbox.events(calendar_id) if wanted is None or matches(each, wanted)
        ]
        prefer = prefer_of(request)
        return self._page(request, [partial(told, each, request.query, prefer) for each in found])

    def _create(self, mailbox: Mailbox, request: Request, calendar_id: str = CALENDAR_ID) -> Answer:
        check_calendar(mailbox, calendar_id)
        try:
            item = mailbox.create(calendar_id, body_of(request))
        except Repeated as repeated:
            return self._repeated(repeated.item)
        return json_answer(told(item, {}, prefer_of(request)), status=201)

    def _repeated(self, item: Item) -> Answer:
        extra = {"@event.existingEventId": item.ids[0]} if self.tells_existing_id else {}
        return error(
            "ErrorDuplicateTransactionId",
            "Your request can't be completed. The TransactionId was used in a previous request.",
            status=self.duplicate_status,
            **extra,
        )

    def _read(
        self, mailbox: Mailbox, request: Request, event_id: str, calendar_id: str | None = None
    ) -> Answer:
        item = event(mailbox, event_id, calendar_id)
        return json_answer(told(item, request.query, prefer_of(request)))

    def _change(
        self, mailbox: Mailbox, request: Request, event_id: str, calendar_id: str | None = None
    ) -> Answer:
        item = event(mailbox, event_id, calendar_id)
        mailbox.change(item, body_of(request), etag=request.headers.get("if-match"))
        return json_answer(told(item, {}, prefer_of(request)))

    def _delete(
        self, mailbox: Mailbox, _: Request, event_id: str, calendar_id: str | None = None
    ) -> Answer:
        item = event(mailbox, event_id, calendar_id)
        if item.trashed:
            raise Invalid("ErrorItemNotFound", "The specified object was not found in the store.")
        mailbox.trash(item)
        return Answer(status=204)

    def _page(self, request: Request, found: Sequence[Callable[[], Json]]) -> Answer:
        top = min(int(request.query.get("$top", "10")), MOST_PER_PAGE)
        skip = int(request.query.get("$skip", "0"))
        empty = request.fault.get("kind") == "empty_page"
        events = [] if empty else [each() for each in found[skip : skip + top]]
        if request.fault.get("kind") == "zone":
            for each in events:
                each["start"]["timeZone"] = request.fault["zone"]
        answer: Json = {"@odata.context": f"{self.graph_url}/$metadata#events", "value": events}
        after = skip if empty else skip + top
        if after < len(found) or empty:
            query = {**request.query, "$skip": str(after)}
            answer["@odata.nextLink"] = f"{self.url}{request.path}?{urlencode(query)}"
        if request.fault.get("kind") == "next_link":
            answer["@odata.nextLink"] = request.fault["link"]
        return json_answer(answer)

    def _own_control(self) -> Sequence[Route]:
        return (
            Route("GET", CONTROL + "mails", lambda _: json_answer(self.mails)),
            Route("POST", CONTROL + "expire", self._expire),
        )

    def _expire(self, _: Request) -> Answer:
        """Let every access token end now."""
        self.sign_ins.expire_access_tokens()
        return Answer(status=204)


def serve(port: int = 0) -> contextlib.AbstractContextManager[Microsoft]:
    """Serve a simulated Microsoft on that loopback port (0: any free one) until the block ends."""
    return serving(Microsoft(), port)


if __name__ == "__main__":
    run(Microsoft(), name="Microsoft")
