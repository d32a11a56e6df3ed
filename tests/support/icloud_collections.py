"""The collections in an iCloud calendar home, with their PROPFIND properties."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

DAV = "{DAV:}"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"
_WRITE = "<privilege><read/></privilege><privilege><write/></privilege>"
_READ = "<privilege><read/></privilege>"


@dataclass
class DavCollection:
    """A collection in the calendar home, with its PROPFIND properties."""

    name: str
    kinds: str = "<collection/><c:calendar/>"
    components: tuple[str, ...] = ("VEVENT",)
    privileges: str = _WRITE
    order: int | None = None
    title: str = "Home"
    zone: str | None = "Europe/Berlin"

    def properties(self) -> dict[str, str]:
        listed = "".join(f'<c:comp name="{each}"/>' for each in self.components)
        properties_xml = {
            f"{DAV}resourcetype": f"<resourcetype>{self.kinds}</resourcetype>",
            f"{DAV}displayname": f"<displayname>{escape(self.title)}</displayname>",
            f"{DAV}current-user-privilege-set": (
                f"<current-user-privilege-set>{self.privileges}</current-user-privilege-set>"
            ),
            f"{CALDAV}supported-calendar-component-set": (
                f"<c:supported-calendar-component-set>{listed}</c:supported-calendar-component-set>"
            ),
        }
        if self.zone:
            properties_xml[f"{CALDAV}calendar-timezone"] = (
                "<c:calendar-timezone>BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\n"
                f"TZID:{self.zone}\nEND:VTIMEZONE\nEND:VCALENDAR\n</c:calendar-timezone>"
            )
        if self.order is not None:
            properties_xml["{http://apple.com/ns/ical/}calendar-order"] = (
                f"<i:calendar-order>{self.order}</i:calendar-order>"
            )
        return properties_xml


def typical_collections() -> list[DavCollection]:
    """Return the collections of a typical account: one writable calendar among others."""
    return [
        DavCollection("inbox", kinds="<collection/><c:schedule-inbox/>", title="Inbox"),
        DavCollection("outbox", kinds="<collection/><c:schedule-outbox/>", title="Outbox"),
        DavCollection(
            "notification", kinds="<collection/><s:notification/>", title="Notifications"
        ),
        DavCollection("tasks", components=("VTODO",), title="Reminders", order=0),
        DavCollection(
            "feed", kinds="<collection/><s:subscribed/><c:calendar/>", title="Feed", order=1
        ),
        DavCollection("team", privileges=_READ, title="Team, to look at", order=2),
        DavCollection("home", title="Home", order=4),
    ]
