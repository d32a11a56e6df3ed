import pytest

from shared.mail.text import html
from tests.support.chromium import Profile
from tests.support.mail_screenshots import WIDTHS, events, mails

PAGES = {
    f"{kind} with {contents} contents": html(mail)
    for contents, event in events().items()
    for kind, mail in mails(event)
}
MEASURE = """
const frame = document.createElement("iframe");
frame.style.cssText = `border: 0; height: 900px; width: ${values[1]}px`;
frame.srcdoc = values[0];
document.body.append(frame);
await new Promise((resolve) => { frame.onload = resolve; });
return frame.contentDocument.documentElement.scrollWidth;
"""


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_a_mail_is_no_wider_than_the_screen(own: Profile, name: str, width: int) -> None:
    own.open("about:blank")

    assert own.run(MEASURE, PAGES[name], width) <= width
