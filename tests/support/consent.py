"""A person with a browser at a provider's consent page."""

from collections.abc import Collection
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx

from shared.providers.tls import tls_context


@dataclass
class Field:
    """An input of a form; `sends` tells whether a browser would send it as it stands."""

    name: str
    value: str
    kind: str
    sends: bool


@dataclass
class Page(HTMLParser):
    """The one form of a page, as a browser understands it."""

    method: str = "get"
    action: str = ""
    fields: list[Field] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.method, self.action = told.get("method", "get"), told.get("action", "")
        elif tag == "button":
            self.buttons.append((told["name"], told["value"]))
        elif tag == "input":
            kind = told.get("type", "text")
            sends = "disabled" not in told and (
                kind not in ("radio", "checkbox") or "checked" in told
            )
            self.fields.append(Field(told["name"], told.get("value", "on"), kind, sends))

    def choose(self, value: str) -> None:
        """Choose the radio button with that value; it must be there."""
        (chosen,) = [each for each in self.fields if (each.kind, each.value) == ("radio", value)]
        for each in self.fields:
            each.sends = each is chosen if each.name == chosen.name else each.sends

    def untick(self, wanted: str) -> None:
        """Clear the check box whose name ends so; it must be there and may be cleared."""
        (box,) = [
            each for each in self.fields if each.kind == "checkbox" and each.name.endswith(wanted)
        ]
        assert box.sends, f"{box.name} cannot be unticked"
        box.sends = False

    def pressing(self, value: str) -> dict[str, str]:
        """Return what pressing the button with that value sends."""
        (button,) = [each for each in self.buttons if each[1] == value]
        return {**{each.name: each.value for each in self.fields if each.sends}, **dict([button])}


def consent(
    url: str, *, email: str | None = None, allow: bool = True, untick: Collection[str] = ()
) -> str:
    """Open the page, fill it in, send it, and return where that sends the browser."""
    with httpx.Client(verify=tls_context(), trust_env=False, timeout=30) as browser:
        shown = browser.get(url)
        assert shown.status_code == 200, shown.text
        page = Page()
        page.feed(shown.text)
        if email is not None:
            page.choose(email)
        for each in untick:
            page.untick(each)
        sent = page.pressing("allow" if allow else "deny")
        assert page.method == "post"
        back = browser.post(shown.url.join(page.action or str(shown.url)), data=sent)
    assert back.status_code == 302, back.text
    return back.headers["location"]
