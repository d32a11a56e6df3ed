"""The XML of the iCloud simulator's responses."""

from xml.sax.saxutils import escape

from lxml import etree  # type: ignore[import-untyped]  # ships no types

_NAMESPACES = (
    'xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" '
    'xmlns:s="http://calendarserver.org/ns/" xmlns:i="http://apple.com/ns/ical/"'
)


def nest(name: str, href: str) -> str:
    """Return an element that contains an href."""
    return f"<{name}><href>{escape(href)}</href></{name}>"


def calendar_data(text: str) -> str:
    """Return a calendar-data element."""
    return f"<c:calendar-data>{escape(text)}</c:calendar-data>"


def propstat_response(href: str, properties: dict[str, str], requested: list[str]) -> str:
    """Return the response element of one resource; properties it lacks have status 404."""
    properties_xml = "".join(properties[name] for name in requested if name in properties)
    missing = "".join(
        f"<x:{etree.QName(name).localname} xmlns:x='{etree.QName(name).namespace}'/>"
        for name in requested
        if name not in properties
    )
    absent = f"<propstat><prop>{missing}</prop><status>HTTP/1.1 404 Not Found</status></propstat>"
    return (
        f"<response><href>{escape(href)}</href>"
        f"<propstat><prop>{properties_xml}</prop><status>HTTP/1.1 200 OK</status></propstat>"
        f"{absent if missing else ''}</response>"
    )


def multistatus(properties_xml: str) -> tuple[int, dict[str, str], str]:
    """Return status, headers and body of a multi-status response."""
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    body = f"{head}<multistatus {_NAMESPACES}>{properties_xml}</multistatus>"
    return 207, {"Content-Type": "text/xml; charset=utf-8"}, body
