"""The types of what answers say in text, so that the API's document tells the text's form."""

from typing import Annotated

from pydantic import WithJsonSchema

InstantText = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
"""RFC 3339 in UTC with a trailing Z."""

DayText = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
"""A date without a zone."""

UuidText = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
"""The id of something this service made."""

UriText = Annotated[str, WithJsonSchema({"type": "string", "format": "uri"})]
"""An absolute address."""
