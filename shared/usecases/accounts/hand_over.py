"""Check tokens that the platform's sign-in hands over, before they count as a connection."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from shared.domain.connection import Connection, ConnectionProblem, ProblemCode, Provider
from shared.domain.errors import (
    AccessExpired,
    CredentialInvalid,
    FieldProblem,
    InvalidRequest,
    NoCalendar,
    ProviderFailure,
    ProviderMisconfigured,
    ProviderRejected,
    ProviderUnreachable,
)
from shared.ports import CalendarInfo, Grant, Identity, Meter, OAuthProviders
from shared.usecases.accounts.connections import LOOKUP_TIMEOUT
from shared.usecases.accounts.faults import report_misconfigured, reported_as_unreachable

NO_CALENDAR = (
    "The account has no calendar: it has no mailbox or licence, or its calendar is switched off. "
    "Use another account, or ask your administrator."
)

_NEEDS_CONSENT = ConnectionProblem(
    ProblemCode.NEEDS_CONSENT, "The sign-in does not give access to the calendar."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedHandOver:
    """Tokens and what the provider says about them.

    `identity` and `calendar` are None if unknown. `problem` says why the tokens cannot be used.
    """

    grant: Grant
    identity: Identity | None = None
    calendar: CalendarInfo | None = None
    problem: ConnectionProblem | None = None


class HandOvers:
    """Asks providers about handed-over tokens."""

    def __init__(self, *, oauth: OAuthProviders, meter: Meter) -> None:
        self._oauth = oauth
        self._meter = meter

    def renewed(self, provider: Provider, grant: Grant, *, now: datetime) -> CheckedHandOver:
        """Refresh the tokens, which shows whether this service can, and whose they are.

        The tokens stay as they are if there is no refresh token, or the provider has an outage.
        """
        oauth = self._oauth.get(provider)
        problem = None
        if grant.refresh_token is not None:
            try:
                with reported_as_unreachable(provider, meter=self._meter):
                    fresh = oauth.refresh(grant.refresh_token, now=now)
            except CredentialInvalid as error:
                problem = _problem(error)
            except ProviderMisconfigured as error:
                report_misconfigured(error, provider, meter=self._meter)
            except ProviderFailure:
                pass  # an outage: the access token may still be valid
            else:
                grant = replace(fresh, refresh_token=fresh.refresh_token or grant.refresh_token)
        identity = grant.identity or (None if problem else self._identity(provider, grant))
        return CheckedHandOver(grant=grant, identity=identity, problem=problem)

    def with_calendar(
        self,
        provider: Provider,
        handed: CheckedHandOver,
        *,
        chosen: CalendarInfo | None,
        stored: Connection | None,
    ) -> CheckedHandOver:
        """Return the hand-over with its calendar: the chosen one, else the stored or primary one.

        Raises:
            InvalidRequest: the provider rejects the access token or the chosen calendar.
            NoCalendar: the account has no calendar.
            ProviderUnreachable: the provider could not be asked.
        """
        if handed.problem is not None:
            return replace(handed, calendar=chosen)
        try:
            with reported_as_unreachable(provider, meter=self._meter):
                calendar = self._calendar(provider, handed.grant.access_token, chosen, stored)
        except CredentialInvalid:
            return replace(handed, calendar=chosen, problem=_NEEDS_CONSENT)
        except AccessExpired as error:
            problem = FieldProblem("accessToken", "is not accepted by the provider")
            raise InvalidRequest("The provider rejects accessToken.", [problem]) from error
        except ProviderFailure as error:
            raise _not_readable(error, chosen) from error
        name = (chosen.name if chosen else None) or calendar.name
        return replace(handed, calendar=replace(calendar, name=name))

    def opens(self, handed: CheckedHandOver, connection: Connection) -> bool:
        """Return whether the tokens open the calendar of a connection.

        Raises:
            ProviderUnreachable: the provider could not be asked.
        """
        provider, token = connection.provider, handed.grant.access_token
        oauth = self._oauth.get(provider)
        try:
            with reported_as_unreachable(provider, meter=self._meter):
                oauth.calendar(token, connection.calendar_id, timeout=LOOKUP_TIMEOUT)
        except ProviderRejected:
            return False
        except (AccessExpired, CredentialInvalid):
            return True  # the tokens cannot answer; they replace nothing
        except ProviderFailure as error:
            raise ProviderUnreachable(
                "The provider could not be asked to which account the tokens belong. Retry."
            ) from error
        return True

    def _identity(self, provider: Provider, grant: Grant) -> Identity | None:
        oauth = self._oauth.get(provider)
        try:
            with reported_as_unreachable(provider, meter=self._meter):
                return oauth.identity(grant.access_token, timeout=LOOKUP_TIMEOUT)
        except ProviderFailure:
            return None  # then only the address is known

    def _calendar(
        self,
        provider: Provider,
        token: str,
        chosen: CalendarInfo | None,
        stored: Connection | None,
    ) -> CalendarInfo:
        oauth = self._oauth.get(provider)
        read = partial(oauth.calendar, token, timeout=LOOKUP_TIMEOUT)
        if chosen is not None:
            return read(chosen.calendar_id)
        if stored is not None and stored.calendar_id:
            try:
                return read(stored.calendar_id)
            except ProviderRejected:
                pass  # it was deleted since
        return oauth.primary_calendar(token, timeout=LOOKUP_TIMEOUT)


def no_calendar(error: ProviderFailure) -> NoCalendar | None:
    """Return the error for an account without a calendar, None if this is another failure."""
    absent = {ProblemCode.CALENDAR_DELETED, ProblemCode.CALENDAR_DISABLED}
    if error.problem not in absent:
        return None
    return NoCalendar(NO_CALENDAR)


def _not_readable(
    error: ProviderFailure, chosen: CalendarInfo | None
) -> InvalidRequest | ProviderUnreachable:
    is_disabled = error.problem is ProblemCode.CALENDAR_DISABLED
    if chosen is not None and isinstance(error, ProviderRejected) and not is_disabled:
        problem = FieldProblem("calendarId", "is not a calendar of the account")
        return InvalidRequest("The account has no calendar with that calendarId.", [problem])
    return no_calendar(error) or ProviderUnreachable(
        "The calendar could not be read from the provider. Retry later."
    )


def _problem(error: ProviderFailure) -> ConnectionProblem:
    return ConnectionProblem(error.problem or ProblemCode.RECONNECT_REQUIRED, error.message)
