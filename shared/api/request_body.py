"""What a request carries: query parameters by name, and one JSON object of limited size."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from typing_extensions import override

from shared.domain.errors import PayloadTooLarge

_CACHE_BUSTER = "_"
"""A parameter that scripts add so that no cache has the address; it is ignored."""


class JsonRequest(APIGatewayProxyEventV2):
    """A request with a body that is parsed as one JSON object, whatever its content type.

    An empty body is parsed as an empty object, which is valid if no field is required.
    `admit_body` is called before the body is read. It returns the largest size in bytes, or raises
    if the caller may not send a body. `admit_query` is called with the names of the query
    parameters, and raises if one is unknown.
    """

    def __init__(
        self,
        data: dict[str, Any],
        *,
        admit_body: Callable[[], int],
        admit_query: Callable[[Iterable[str]], None],
    ) -> None:
        super().__init__(data)
        self._admit_body = admit_body
        self._admit_query = admit_query

    @property
    @override
    def resolved_query_string_parameters(self) -> dict[str, list[str]]:
        """The values of each query parameter; `name[]` is another spelling of `name`.

        Raises:
            RequestValidationError: when a parameter is unknown.
        """
        values: dict[str, list[str]] = {}
        for name, several in super().resolved_query_string_parameters.items():
            if name != _CACHE_BUSTER:
                values.setdefault(name.removesuffix("[]"), []).extend(several)
        self._admit_query(values)
        return values

    @property
    def json_body(self) -> Any:
        """The body.

        Raises:
            PayloadTooLarge: when it is over the largest size.
            RequestValidationError: when it is not one JSON object.
        """
        largest = self._admit_body()
        text = _text(self, largest)
        if not text:
            return {}
        try:
            body = json.loads(text, parse_constant=_reject_constant)
        except (ValueError, RecursionError) as error:
            raise _invalid("The body is not JSON; send one JSON object.") from error
        if not isinstance(body, dict):
            raise _invalid("The body must be one JSON object.")
        return body


def as_get(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return a HEAD request as the GET whose headers its response has (RFC 9110, 9.3.2)."""
    context = payload["requestContext"]
    http = {**context["http"], "method": "GET"}
    return {**payload, "requestContext": {**context, "http": http}}


def _text(request: Mapping[str, Any], largest: int) -> str:
    text = str(request.get("body") or "")
    if request.get("isBase64Encoded"):
        _check_size(len(text) * 3 // 4 - 2, largest)  # at most two characters are padding
        try:
            content = base64.b64decode(text, validate=True)
            _check_size(len(content), largest)
            return content.decode()
        except (binascii.Error, UnicodeError) as error:
            raise _invalid("The body is not UTF-8 text; send one JSON object.") from error
    # A character has one byte or more, so text with too many is not encoded.
    _check_size(len(text), largest)
    _check_size(len(text.encode(errors="surrogatepass")), largest)
    return text


def _check_size(size: int, largest: int) -> None:
    if size > largest:
        raise PayloadTooLarge(f"The body is over {largest // 1024} KiB; send less.")


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _invalid(message: str) -> RequestValidationError:
    return RequestValidationError([{"loc": ("body",), "type": "json_invalid", "msg": message}])
