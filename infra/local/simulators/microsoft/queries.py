"""The OData queries of the simulated Graph: `$select`, and extended properties by id."""

import re

from infra.local.simulators.microsoft.outlook_event import GraphError, Json, OutlookEvent

SELECTABLE = frozenset(
    re.findall(
        r"\w+",
        "id subject body bodyPreview start end location attendees organizer showAs isAllDay "
        "isCancelled isOrganizer isOnlineMeeting onlineMeeting onlineMeetingUrl "
        "onlineMeetingProvider responseStatus recurrence seriesMasterId type categories "
        "isReminderOn createdDateTime reminderMinutesBeforeStart sensitivity importance "
        "transactionId changeKey iCalUId webLink originalStartTimeZone "
        "originalEndTimeZone hasAttachments",
    )
)
"""The properties of an event that can be selected."""

_FILTER = re.compile(
    r"singleValueExtendedProperties/Any\((\w+): ?"
    r"\1/id eq '([^']+)' and \1/value eq '((?:''|[^'])*)'\)",
    re.IGNORECASE,
)
_EXPAND = re.compile(
    r"singleValueExtendedProperties\(\$filter=(id eq '[^']+'(?: or id eq '[^']+')*)\)"
)


def matches(item: OutlookEvent, text: str) -> bool:
    """Whether the item matches a `$filter` on an extended property.

    Raises:
        GraphError: for any other filter.
    """
    match = _FILTER.fullmatch(text)
    if match is None:
        raise GraphError("ErrorInvalidUrlQueryFilter", "The query filter is invalid.")
    return item.marks.get(match[2]) == match[3].replace("''", "'")


def expanded(item: OutlookEvent, expand: str) -> Json:
    """Return the extended properties that `$expand` names.

    Raises:
        GraphError: for any other expansion.
    """
    match = _EXPAND.fullmatch(expand)
    if match is None:
        raise GraphError("RequestBroker--ParseUri", "The $expand cannot be read.")
    names = re.findall(r"id eq '([^']+)'", match[1])
    marks = [{"id": name, "value": item.marks[name]} for name in names if name in item.marks]
    return {"singleValueExtendedProperties": marks} if marks else {}
