"""Screenshots of every kind of mail, with usual and long contents: `make mail-screenshots`.

The pictures are written to build/mail/ as <kind>-<contents>-<width>.png.
"""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from shared.domain.event import Contact, Event
from shared.domain.interval import Interval
from shared.domain.invite import InviteMethod, shown
from shared.mail.text import html
from shared.ports import CancelCause, InviteMail
from tests.support.invitation_samples import ADDRESS, HOUR, START, invitation, meeting

FOLDER = Path(__file__).parents[2] / "build" / "mail"
WIDTHS = (640, 360)
_LONG_LINK = (
    f"https://teams.example/l/meetup-join/19%3ameeting_{'NjY3ZTk4YjUtYzJl' * 8}/0?context=1"
)
_NAMES = ("Wolfeschlegelsteinhausenbergerdorff", "Maria del Carmen", "O", "Anastasiia", "Jo")


def events() -> dict[str, Event]:
    """Return a session with usual and one with long contents."""
    learners = tuple(f"learner-{number}" for number in range(12))
    contacts = tuple(
        Contact(each, f"{each}@example.org", _NAMES[number % len(_NAMES)])
        for number, each in enumerate(learners)
    )
    long = meeting(
        title="Leadership in distributed teams: giving and receiving feedback across cultures, "
        "part 2 of 3 (please read the notes from last time)",
        location="Donaudampfschifffahrtsgesellschaftskapitänskajüte, third floor\n2 Long Street",
        session_link=_LONG_LINK,
        learner_ids=learners,
        contacts=(Contact("coach-1", "ada@example.org", "Ada Lovelace"), *contacts),
    )
    return {"usual": meeting(), "long": long}


def mails(event: Event) -> Iterator[tuple[str, InviteMail]]:
    """Yield each kind of mail about the event."""
    zone, coach = "Asia/Kolkata", "Ada Lovelace"
    before = replace(event, interval=Interval(START - HOUR, START), location="Room 1")
    yield "invitation", invitation(event, zone=zone, inviter=coach, address=ADDRESS)
    yield "update", invitation(event, is_update=True, before=shown(before), inviter=coach)
    for cause in CancelCause:
        mail = invitation(event, method=InviteMethod.CANCEL, cause=cause, zone=zone)
        yield cause.value, replace(mail, reason="Ada is ill. She will suggest another day.")


def take(page: str, path: Path, *, width: int) -> None:
    """Write a picture of the page in a frame of that width; a wider page has a scroll bar."""
    frame = (
        f'<iframe style="width:{width}px;height:900px;border:0" '
        f'src="data:text/html;charset=utf-8,{quote(page)}"></iframe>'
    )
    with TemporaryDirectory() as folder:
        source = Path(folder, "page.html")
        source.write_text(f'<body style="margin:0">{frame}</body>')
        subprocess.run(  # noqa: S603 - fixed arguments
            [
                *("chromium", "--headless", "--no-sandbox", "--disable-gpu"),
                f"--window-size={width},900",
                f"--screenshot={path}",
                source.as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=60,
        )


def main() -> None:
    """Take every screenshot."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for contents, event in events().items():
        for kind, mail in mails(event):
            for width in WIDTHS:
                take(html(mail), FOLDER / f"{kind}-{contents}-{width}.png", width=width)


if __name__ == "__main__":
    main()
