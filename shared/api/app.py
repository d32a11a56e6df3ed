"""The resolver of every HTTP function: parses requests, authenticates callers, shapes errors."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.api_gateway import Route
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.compat import is_scalar_field
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared import wiring
from shared.api.envelope import REQUEST_ID, STRICT_TRANSPORT, as_result
from shared.api.errors import error_response, field_problem, unknown_parameter
from shared.api.fields import UNKNOWN_ID
from shared.api.operation import ignores_unknown_parameters, max_body_bytes
from shared.api.origin import is_from_edge, viewer_address
from shared.api.request_body import JsonRequest, as_get
from shared.api.tokens import IssuerKeys, SharedSecret, TokenKeys, TokenVerifier
from shared.domain.caller import Caller
from shared.domain.errors import (
    CalendarServiceError,
    Forbidden,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
)
from shared.domain.limits import CALLBACKS, PUBLIC_REQUESTS
from shared.settings import settings

MAX_PROBLEMS = 20
"""How many problems of one request are reported. A body can have more than fit in a response."""
PUBLIC: list[dict[str, list[str]]] = []
"""The security of a route that needs no token."""
TOKEN_OPTIONAL: list[dict[str, list[str]]] = [{}, {"bearerAuth": []}]
"""The security of a route that returns more to an authenticated caller."""

logger = Logger()


class CallerAddresses(Protocol):
    """The addresses of tokens; `Addresses` of the accounts implements it."""

    def remember(self, caller: Caller, *, now: datetime) -> None:
        """Store the address of the caller's token if it is a new one."""
        ...


class App(APIGatewayHttpResolver):
    """A Powertools resolver with this service's request parsing and error envelopes."""

    def __init__(self, *, addresses: Callable[[], CallerAddresses] | None = None) -> None:
        """Prepare an app; `addresses` stores the addresses that callers' tokens have."""
        super().__init__(enable_validation=True)
        self._addresses = addresses
        self._optimized: set[Route] = set()
        self._set_cookies: list[str] = []
        self.is_head = False
        self.exception_handler(CalendarServiceError)(self._error_response)
        self.exception_handler(RequestValidationError)(self._invalid_response)
        self.not_found(self._not_found_response)
        self.exception_handler(Exception)(self._unexpected_response)

    def handle(self, payload: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Handle one API Gateway v2 payload. Every failure is returned as an envelope too."""
        request_id = str(payload.get("requestContext", {}).get("requestId"))
        logger.append_keys(request_id=request_id, function_request_id=context.aws_request_id)
        try:
            result = self._result(payload, context, request_id)
        except Exception as error:  # noqa: BLE001 - API Gateway would send an error of its own
            result = as_result(_unexpected(error, request_id))
        secure = {} if settings().stage == "local" else STRICT_TRANSPORT  # local: plain http
        headers = {**(result.get("headers") or {}), REQUEST_ID: request_id, **secure}
        return {**result, "headers": headers}

    @property
    def routes(self) -> list[Route]:
        """The routes this function serves."""
        return [*self._static_routes, *self._dynamic_routes]

    @property
    def caller(self) -> Caller:
        """The authenticated caller.

        Raises:
            Unauthorized: when the request has no valid bearer token.
        """
        caller = _verifier().caller(self._authorization)
        if self._addresses:
            self._addresses().remember(caller, now=wiring.now())
        return caller

    @property
    def caller_if_any(self) -> Caller | None:
        """The authenticated caller, or None without an Authorization header.

        Raises:
            Unauthorized: when there is a header and its token is not valid.
        """
        return self.caller if self._authorization else None

    @property
    def cookies(self) -> list[str]:
        """The cookies of the request, each `name=value`."""
        # API Gateway sends them in a list; a Cookie header is from another front.
        header = self.current_event.headers.get("cookie", "")
        return [*self.current_event.cookies, *header.split(";")]

    def set_cookie(self, header: str) -> None:
        """Add a Set-Cookie header to the response of this request, even if it is an error."""
        self._set_cookies.append(header)

    def limit_by_address(self) -> None:
        """Count this request against its source IP address. Call it before any other work.

        The address is the one that API Gateway or CloudFront saw; headers that a client wrote are
        ignored. Requests are counted in real time, as tokens are verified, even if the service's
        clock is fixed.

        Raises:
            TooManyRequests: when the address has sent too many requests.
        """
        wiring.address_limits().take_for_address(
            PUBLIC_REQUESTS, self._source_address, now=wiring.real_now()
        )

    def limit_callbacks(self) -> None:
        """Count this redirect from a provider against its source IP address, as above.

        Raises:
            TooManyRequests: when the address has sent too many redirects.
        """
        wiring.callback_limits().take_for_address(
            CALLBACKS, self._source_address, now=wiring.real_now()
        )

    @property
    def _source_address(self) -> str:
        return viewer_address(
            self.current_event.headers, self.current_event.request_context.http.source_ip
        )

    @property
    def _authorization(self) -> str | None:
        value: str | None = self.current_event.headers.get("authorization")
        return value

    def _result(
        self, payload: Mapping[str, Any], context: LambdaContext, request_id: str
    ) -> dict[str, Any]:
        # Bodies are JSON whatever their content type: curl -d sends a form's type.
        headers = {**(payload.get("headers") or {}), "content-type": "application/json"}
        if not is_from_edge(headers):
            error = Forbidden("Call the API at its public address.")
            return as_result(error_response(error, request_id))
        self._set_cookies = []
        self.is_head = payload["requestContext"]["http"]["method"] == "HEAD"
        request = as_get(payload) if self.is_head else payload
        result = self.resolve({**request, "headers": headers}, context)
        return {**result, "cookies": [*result.get("cookies", ()), *self._set_cookies]}

    def _call_route(self, route: Route, route_arguments: dict[str, str]) -> Any:
        if route not in self._optimized:
            _mark_scalar_parameters(route)
            self._optimized.add(route)
        return super()._call_route(route, route_arguments)

    def _to_proxy_event(self, event: dict[str, Any]) -> JsonRequest:
        return JsonRequest(event, admit_body=self._admit_body, admit_query=self._admit_query)

    def _admit_query(self, names: Iterable[str]) -> None:
        """Reject the request if the route lacks one of the query parameters."""
        route: Route = self.context["_route"]
        if ignores_unknown_parameters(route.func):
            return
        known = [each.alias for each in route.dependant.query_params]
        unknown = [each for each in names if each not in known]
        if unknown:
            raise RequestValidationError([unknown_parameter(each, known) for each in unknown])

    def _admit_body(self) -> int:
        """Check the token of a request before its body is read; return the body's largest size."""
        self._check_token()
        route: Route = self.context["_route"]
        return max_body_bytes(route.func)

    def _error_response(self, error: CalendarServiceError) -> Response[str]:
        if error.code == CalendarServiceError.code:
            return self._unexpected_response(error)
        logger.info("request rejected", code=error.code, reason=error.message)
        return error_response(error, self._request_id)

    def _invalid_response(self, error: RequestValidationError) -> Response[str]:
        try:
            self._check_token()
        except CalendarServiceError as refused:  # report no other problem without a token
            return self._error_response(refused)
        if any(each["type"] == UNKNOWN_ID for each in error.errors()):
            return self._error_response(
                NotFound("There is no such event or session that you take part in.")
            )
        problems = [field_problem(each) for each in error.errors()[:MAX_PROBLEMS]]
        summary = "; ".join(f"{each.field} {each.message}" for each in problems[:3])
        return self._error_response(InvalidRequest(f"Check the request: {summary}.", problems))

    def _not_found_response(self, _: NotFoundError) -> Response[str]:
        path = self.current_event.path
        allowed = sorted({route.method for route in self.routes if route.rule.match(path)})
        if allowed:
            allowed = sorted({*allowed, "HEAD"}) if "GET" in allowed else allowed
            methods = ", ".join(allowed)
            return self._error_response(
                MethodNotAllowed(f"{path} supports only {methods}.", allowed)
            )
        return self._error_response(
            NotFound(f"There is no path {path}; see /docs for the API's paths.")
        )

    def _unexpected_response(self, error: Exception) -> Response[str]:
        return _unexpected(error, self._request_id)

    def _check_token(self) -> None:
        route: Route = self.context["_route"]
        is_optional = route.security == TOKEN_OPTIONAL
        if route.security is None or (is_optional and self._authorization):
            self.caller  # noqa: B018 - read for the error it raises

    @property
    def _request_id(self) -> str:
        return self.current_event.request_context.request_id


def _unexpected(error: Exception, request_id: str) -> Response[str]:
    logger.error("unexpected failure", exc_info=error)
    return error_response(CalendarServiceError(str(type(error))), request_id)


def _mark_scalar_parameters(route: Route) -> None:
    """Mark the query parameters that take one value, so that requests are parsed faster.

    Powertools derives this from the annotations on every request, which takes a tenth of its time;
    it treats an Ellipsis as a single value immediately. The validators already exist by now and no
    longer need the annotations.
    """
    for field in route.dependant.query_params:
        if is_scalar_field(field):
            field.field_info.annotation = ...  # type: ignore[assignment]


@cache
def _verifier() -> TokenVerifier:
    return TokenVerifier(
        issuer=settings().auth_issuer, audience=settings().auth_audience, keys=_keys()
    )


def _keys() -> TokenKeys:
    if settings().auth_jwks_url:
        return IssuerKeys(settings().auth_jwks_url)
    return SharedSecret(lambda: wiring.secrets().get(settings().auth_hs256_secret_id))
