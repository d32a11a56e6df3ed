"""What every HTTP function shares: reading requests, who is asking, and telling errors."""

import base64
import binascii
import json
from collections.abc import Mapping
from functools import cache
from typing import Any, NoReturn

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.api_gateway import Route
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.compat import is_scalar_field
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared import wiring
from shared.api.errors import error_answer
from shared.api.fields import UNKNOWN_ID
from shared.api.tokens import IssuerKeys, Keys, SharedSecret, TokenVerifier
from shared.domain.caller import Caller
from shared.domain.errors import (
    CalendarServiceError,
    FieldProblem,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    Unauthorized,
)
from shared.settings import settings

LARGEST_BODY = 1024 * 1024
MOST_PROBLEMS = 20
"""How many problems of one request are told; a body can hold more than an answer may."""
LONGEST_NAME = 100
"""How much of a field's path is told; whoever sent a longer name knows it."""
PUBLIC: list[dict[str, list[str]]] = []
"""The security of a route that anybody may call."""
TOKEN_OPTIONAL: list[dict[str, list[str]]] = [{}, {"bearerAuth": []}]
"""The security of a route that tells more to a known caller."""

logger = Logger()


class _Request(APIGatewayProxyEventV2):
    """A request whose body is read as one JSON object, whatever its content type says.

    No body at all reads as an object without fields: where none is required, none is missing.
    """

    @property
    def json_body(self) -> Any:
        text = _body_text(self.get("body"), is_base64=bool(self.get("isBase64Encoded")))
        if not text:
            return {}
        try:
            body = json.loads(text, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise _unreadable("The body is not JSON; send one JSON object.") from error
        if not isinstance(body, dict):
            raise _unreadable("The body must be one JSON object.")
        return body


class App(APIGatewayHttpResolver):
    """A Powertools resolver with the service's own way of reading, refusing and failing."""

    def __init__(self) -> None:
        super().__init__(enable_validation=True)
        self._told_plainly: set[Route] = set()
        self.exception_handler(CalendarServiceError)(self._tell)
        self.exception_handler(RequestValidationError)(self._tell_invalid)
        self.not_found(self._tell_not_found)
        self.exception_handler(Exception)(self._tell_unexpected)

    def handle(self, payload: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Answer one API Gateway v2 payload; every failure is an envelope too."""
        # A body is JSON here, whatever its type claims: curl -d says it is a form.
        headers = {**(payload.get("headers") or {}), "content-type": "application/json"}
        logger.append_keys(
            request_id=payload.get("requestContext", {}).get("requestId"),
            function_request_id=context.aws_request_id,
        )
        return self.resolve({**payload, "headers": headers}, context)

    @property
    def routes(self) -> list[Route]:
        """Every route this function serves."""
        return [*self._static_routes, *self._dynamic_routes]

    @property
    def caller(self) -> Caller:
        """Who is asking.

        Raises:
            Unauthorized: when no valid bearer token came with the request.
        """
        return _verifier().caller(self._authorization)

    @property
    def caller_if_any(self) -> Caller | None:
        """Who is asking, or None without an Authorization header.

        Raises:
            Unauthorized: when there is one and it does not hold.
        """
        return self.caller if self._authorization else None

    def limit_by_address(self) -> None:
        """Count this request against the address it comes from, before anything else is done.

        That address is the gateway's own word; headers, which anybody may write, have no say. It
        is counted in real time, as tokens are checked, also where the service's clock stands still.

        Raises:
            TooManyRequests: when that address has asked too often.
        """
        source = self.current_event.request_context.http.source_ip
        wiring.address_limit().check(source, now=wiring.real_now())

    @property
    def _authorization(self) -> str | None:
        value: str | None = self.current_event.headers.get("authorization")
        return value

    def _call_route(self, route: Route, route_arguments: dict[str, str]) -> Any:
        if route not in self._told_plainly:
            _tell_plainly(route)
            self._told_plainly.add(route)
        return super()._call_route(route, route_arguments)

    def _to_proxy_event(self, event: dict[str, Any]) -> _Request:
        return _Request(event)

    def _tell(self, error: CalendarServiceError) -> Response[str]:
        if error.code == CalendarServiceError.code:
            return self._tell_unexpected(error)
        logger.info("refused", code=error.code, reason=error.message)
        return error_answer(error, self._request_id)

    def _tell_invalid(self, error: RequestValidationError) -> Response[str]:
        try:
            self._check_token()
        except Unauthorized as refusal:  # whoever may not ask is not told how to
            return self._tell(refusal)
        if any(each["type"] == UNKNOWN_ID for each in error.errors()):
            return self._tell(NotFound("There is nothing with that id that you take part in."))
        problems = [_problem(each) for each in error.errors()[:MOST_PROBLEMS]]
        told = "; ".join(f"{each.field} {each.message}" for each in problems[:3])
        return self._tell(InvalidRequest(f"Check the request: {told}.", problems))

    def _tell_not_found(self, _: NotFoundError) -> Response[str]:
        path = self.current_event.path
        allowed = sorted({route.method for route in self.routes if route.rule.match(path)})
        if allowed:
            methods = ", ".join(allowed)
            return self._tell(MethodNotAllowed(f"{path} takes {methods} only.", allowed))
        return self._tell(NotFound(f"There is nothing at {path}; see the API's list of paths."))

    def _tell_unexpected(self, error: Exception) -> Response[str]:
        logger.error("unexpected failure", exc_info=error)
        return error_answer(CalendarServiceError(str(type(error))), self._request_id)

    def _check_token(self) -> None:
        route: Route = self.context["_route"]
        is_optional = route.security == TOKEN_OPTIONAL
        if route.security is None or (is_optional and self._authorization):
            self.caller  # noqa: B018 - asked for its refusal

    @property
    def _request_id(self) -> str:
        return self.current_event.request_context.request_id


def _tell_plainly(route: Route) -> None:
    """Say of the parameters that take one value that they do.

    Powertools works that out of their annotations anew for each request, a tenth of its time; an
    Ellipsis it takes for one value at once. The validators, which are made by now, have read the
    annotations and do so no more.
    """
    for field in route.dependant.query_params:
        if is_scalar_field(field):
            field.field_info.annotation = ...  # type: ignore[assignment]


@cache
def _verifier() -> TokenVerifier:
    return TokenVerifier(
        issuer=settings().auth_issuer, audience=settings().auth_audience, keys=_keys()
    )


def _keys() -> Keys:
    if settings().auth_jwks_url:
        return IssuerKeys(settings().auth_jwks_url)
    return SharedSecret(lambda: wiring.secrets().get(settings().auth_hs256_secret_id))


def _body_text(body: str | None, *, is_base64: bool) -> str:
    text = body or ""
    if is_base64:
        try:
            text = base64.b64decode(text, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise _unreadable("The body is not UTF-8 text; send one JSON object.") from error
    if len(text) > LARGEST_BODY:
        raise PayloadTooLarge(f"The body is over {LARGEST_BODY // 1024} KiB; send less.")
    return text


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _unreadable(message: str) -> RequestValidationError:
    return RequestValidationError([{"loc": ("body",), "type": "json_invalid", "msg": message}])


_SAID = {"missing": "is required", "json_invalid": "is not one JSON object"}


def _problem(error: Mapping[str, Any]) -> FieldProblem:
    where, *path = error["loc"]
    message = _SAID.get(error["type"]) or error["msg"].removeprefix("Value error, ")
    name = ".".join(map(str, path)) or str(where)
    shown = "".join(each if each.isprintable() else "?" for each in name[:LONGEST_NAME])
    return FieldProblem(shown, message[0].lower() + message[1:])
