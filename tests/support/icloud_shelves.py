"""What an iCloud home set holds, as PROPFIND tells of it."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

DAV = "{DAV:}"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"
_WRITE = "<privilege><read/></privilege><privilege><write/></privilege>"
_READ = "<privilege><read/></privilege>"


@dataclass
class Shelf:
    """A collection below the home set, as PROPFIND tells of it."""

    name: str
    kinds: str = "<collection/><c:calendar/>"
    components: tuple[str, ...] = ("VEVENT",)
    privileges: str = _WRITE
    order: int | None = None
    title: str = "Home"
    zone: str | None = "Europe/Berlin"

    def properties(self) -> dict[str, str]:
        listed = "".join(f'<c:comp name="{each}"/>' for each in self.components)
        told = {
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
            told[f"{CALDAV}calendar-timezone"] = (
                "<c:calendar-timezone>BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\n"
                f"TZID:{self.zone}\nEND:VTIMEZONE\nEND:VCALENDAR\n</c:calendar-timezone>"
            )
        if self.order is not None:
            told["{http://apple.com/ns/ical/}calendar-order"] = (
                f"<i:calendar-order>{self.order}</i:calendar-order>"
            )
        return told


def every_kind_of_shelf() -> list[Shelf]:
    """A home set as real accounts have them: one calendar to write to, amid much else."""
    return [
        Shelf("inbox", kinds="<collection/><c:schedule-inbox/>", title="Inbox"),
        Shelf("outbox", kinds="<collection/><c:schedule-outbox/>", title="Outbox"),
        Shelf("notification", kinds="<collection/><s:notification/>", title="Notifications"),
        Shelf("tasks", components=("VTODO",), title="Reminders", order=0),
        Shelf("feed", kinds="<collection/><s:subscribed/><c:calendar/>", title="Feed", order=1),
        Shelf("team", privileges=_READ, title="Team, to look at", order=2),
        Shelf("home", title="Home", order=4),
    ]
