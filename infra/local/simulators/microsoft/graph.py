"""The simulated Graph: mailboxes, calendars and events."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlencode

from infra.local.simulators.http import (
    SimulatedRequest,
    SimulatedResponse,
    SimulatorRoute,
    json_response,
)
from infra.local.simulators.microsoft.accounts import object_id
from infra.local.simulators.microsoft.events import event_json
from infra.local.simulators.microsoft.mailbox import (
    CALENDAR_ID,
    OutlookMailbox,
    RepeatedTransaction,
    StaleEtag,
)
from infra.local.simulators.microsoft.outlook_event import GraphError, Json, OutlookEvent
from infra.local.simulators.microsoft.payloads import (
    body_of,
    bound,
    calendar,
    check_calendar,
    error,
    event,
    prefer_of,
)
from infra.local.simulators.microsoft.queries import matches
from infra.local.simulators.microsoft.sign_in import SignIns

GRAPH = "/v1.0"
MAX_PAGE_SIZE = 1_000

_NEEDED = {"calendar": "Calendars.ReadWrite", "settings": "MailboxSettings.Read"}


@dataclass
class GraphApi:
    """The mailboxes of all accounts; `url` returns the simulator's URL, once it is served.

    A repeated transaction id gets `duplicate_status` and, with `returns_existing_id`, the id of the
    existing event.
    """

    sign_ins: SignIns
    url: Callable[[], str]
    mailboxes: dict[str, OutlookMailbox] = field(default_factory=dict)
    duplicate_status: int = 409
    returns_existing_id: bool = True

    def clear(self) -> None:
        """Restore the initial state."""
        self.mailboxes.clear()
        self.duplicate_status, self.returns_existing_id = 409, True

    def mailbox(self, email: str) -> OutlookMailbox:
        """Return the mailbox of an account."""
        self.sign_ins.add_account(email)
        return self.mailboxes.setdefault(email, OutlookMailbox(email))

    def routes(self) -> Sequence[SimulatorRoute]:
        """Return the paths of Graph."""
        chosen = f"{GRAPH}/me/calendars/{{calendar_id}}"
        served: list[SimulatorRoute] = [
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
        self,
        method: str,
        path: str,
        serve: Callable[..., SimulatedResponse],
        *,
        needs: str = "calendar",
    ) -> SimulatorRoute:
        return SimulatorRoute(method, GRAPH + path, partial(self._served, serve, _NEEDED[needs]))

    def _served(
        self,
        serve: Callable[..., SimulatedResponse],
        scope: str,
        request: SimulatedRequest,
        **variables: str,
    ) -> SimulatedResponse:
        record = self.sign_ins.bearer_token(request)
        if record is None:
            return error("InvalidAuthenticationToken", "Lifetime validation failed.")
        if scope not in record.scopes:
            return error("ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        try:
            return serve(self.mailbox(record.email), request, **variables)
        except GraphError as problem:
            return error(problem.code, problem.message)
        except StaleEtag:
            return error("ErrorIrresolvableConflict", "The change key is out of date.", status=412)

    def _me(self, mailbox: OutlookMailbox, _: SimulatedRequest) -> SimulatedResponse:
        email = mailbox.email
        content = {"id": object_id(email), "userPrincipalName": email, "mail": email}
        return json_response(content)

    def _calendar(self, mailbox: OutlookMailbox, _: SimulatedRequest) -> SimulatedResponse:
        return json_response(calendar(mailbox, CALENDAR_ID))

    def _calendars(self, mailbox: OutlookMailbox, _: SimulatedRequest) -> SimulatedResponse:
        return json_response({"value": [calendar(mailbox, each) for each in mailbox.calendars]})

    def _settings(self, mailbox: OutlookMailbox, _: SimulatedRequest) -> SimulatedResponse:
        return json_response({"timeZone": mailbox.zone_name, "timeFormat": "HH:mm"})

    def _view(
        self, mailbox: OutlookMailbox, request: SimulatedRequest, calendar_id: str = CALENDAR_ID
    ) -> SimulatedResponse:
        try:
            bounds = [bound(request.query[name]) for name in ("startDateTime", "endDateTime")]
        except (KeyError, ValueError) as problem:
            raise GraphError(
                "ErrorInvalidParameter", f"The range is missing or invalid: {problem}"
            ) from None
        occurrences = mailbox.view(calendar_id, *bounds)
        prefer = prefer_of(request)
        return self._page(
            request,
            [partial(event_json, each.item, request.query, prefer, each) for each in occurrences],
        )

    def _list(
        self, mailbox: OutlookMailbox, request: SimulatedRequest, calendar_id: str = CALENDAR_ID
    ) -> SimulatedResponse:
        check_calendar(mailbox, calendar_id)
        condition = request.query.get("$filter")
        items = [
            each
            for each in mailbox.events(calendar_id)
            if condition is None or matches(each, condition)
        ]
        prefer = prefer_of(request)
        return self._page(
            request, [partial(event_json, each, request.query, prefer) for each in items]
        )

    def _create(
        self, mailbox: OutlookMailbox, request: SimulatedRequest, calendar_id: str = CALENDAR_ID
    ) -> SimulatedResponse:
        check_calendar(mailbox, calendar_id)
        try:
            item = mailbox.create(calendar_id, body_of(request))
        except RepeatedTransaction as repeated:
            return self._repeated(repeated.item)
        return json_response(event_json(item, {}, prefer_of(request)), status=201)

    def _repeated(self, item: OutlookEvent) -> SimulatedResponse:
        extra = {"@event.existingEventId": item.ids[0]} if self.returns_existing_id else {}
        return error(
            "ErrorDuplicateTransactionId",
            "Your request can't be completed. The TransactionId was used in a previous request.",
            status=self.duplicate_status,
            **extra,
        )

    def _read(
        self,
        mailbox: OutlookMailbox,
        request: SimulatedRequest,
        event_id: str,
        calendar_id: str | None = None,
    ) -> SimulatedResponse:
        item = event(mailbox, event_id, calendar_id)
        return json_response(event_json(item, request.query, prefer_of(request)))

    def _change(
        self,
        mailbox: OutlookMailbox,
        request: SimulatedRequest,
        event_id: str,
        calendar_id: str | None = None,
    ) -> SimulatedResponse:
        item = event(mailbox, event_id, calendar_id)
        mailbox.change(item, body_of(request), etag=request.headers.get("if-match"))
        return json_response(event_json(item, {}, prefer_of(request)))

    def _delete(
        self,
        mailbox: OutlookMailbox,
        _: SimulatedRequest,
        event_id: str,
        calendar_id: str | None = None,
    ) -> SimulatedResponse:
        item = event(mailbox, event_id, calendar_id)
        if item.trashed:
            raise GraphError(
                "ErrorItemNotFound", "The specified object was not found in the store."
            )
        mailbox.trash(item)
        return SimulatedResponse(status=204)

    def _page(
        self, request: SimulatedRequest, items: Sequence[Callable[[], Json]]
    ) -> SimulatedResponse:
        top = min(int(request.query.get("$top", "10")), MAX_PAGE_SIZE)
        skip = int(request.query.get("$skip", "0"))
        empty = request.fault.get("kind") == "empty_page"
        events = [] if empty else [each() for each in items[skip : skip + top]]
        if request.fault.get("kind") == "zone":
            for each in events:
                each["start"]["timeZone"] = request.fault["zone"]
        page: Json = {"@odata.context": f"{self.url()}{GRAPH}/$metadata#events", "value": events}
        after = skip if empty else skip + top
        if after < len(items) or empty:
            query = {**request.query, "$skip": str(after)}
            page["@odata.nextLink"] = f"{self.url()}{request.path}?{urlencode(query)}"
        if request.fault.get("kind") == "next_link":
            page["@odata.nextLink"] = request.fault["link"]
        return json_response(page)
