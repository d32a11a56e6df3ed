"""The OData queries the simulated Graph knows: `$select`, and extended properties by id."""

import re

from infra.local.simulators.microsoft_item import Invalid, Item, Json

TOLD = frozenset(
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


def matches(item: Item, text: str) -> bool:
    """Whether a `$filter` on an extended property names the item.

    Raises:
        Invalid: for any other filter.
    """
    found = _FILTER.fullmatch(text)
    if found is None:
        raise Invalid("ErrorInvalidUrlQueryFilter", "The query filter is invalid.")
    return item.marks.get(found[2]) == found[3].replace("''", "'")


def expanded(item: Item, expand: str) -> Json:
    """Return the extended properties an `$expand` asks for.

    Raises:
        Invalid: for any other expansion.
    """
    found = _EXPAND.fullmatch(expand)
    if found is None:
        raise Invalid("RequestBroker--ParseUri", "The $expand cannot be read.")
    asked = re.findall(r"id eq '([^']+)'", found[1])
    marks = [{"id": name, "value": item.marks[name]} for name in asked if name in item.marks]
    return {"singleValueExtendedProperties": marks} if marks else {}
