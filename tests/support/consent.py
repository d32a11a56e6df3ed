"""Fills in and submits a provider's consent page as a browser would."""

from collections.abc import Collection
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx

from shared.providers.tls import tls_context


@dataclass
class FormField:
    """An input of a form; `sends` is True if a browser would send it in its current state."""

    name: str
    value: str
    kind: str
    sends: bool


@dataclass
class ConsentPage(HTMLParser):
    """The only form of a page, parsed as a browser would."""

    method: str = "get"
    action: str = ""
    fields: list[FormField] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.method, self.action = attributes.get("method", "get"), attributes.get("action", "")
        elif tag == "button":
            self.buttons.append((attributes["name"], attributes["value"]))
        elif tag == "input":
            kind = attributes.get("type", "text")
            sends = "disabled" not in attributes and (
                kind not in ("radio", "checkbox") or "checked" in attributes
            )
            self.fields.append(
                FormField(attributes["name"], attributes.get("value", "on"), kind, sends)
            )

    def choose(self, value: str) -> None:
        """Choose the radio button with that value, which must exist."""
        (chosen,) = [each for each in self.fields if (each.kind, each.value) == ("radio", value)]
        for each in self.fields:
            each.sends = each is chosen if each.name == chosen.name else each.sends

    def untick(self, wanted: str) -> None:
        """Clear the check box whose name ends with `wanted`; it must exist and be ticked."""
        (box,) = [
            each for each in self.fields if each.kind == "checkbox" and each.name.endswith(wanted)
        ]
        assert box.sends, f"{box.name} cannot be unticked"
        box.sends = False

    def form_data(self, value: str) -> dict[str, str]:
        """Return the form data sent when the button with that value is pressed."""
        (button,) = [each for each in self.buttons if each[1] == value]
        return {**{each.name: each.value for each in self.fields if each.sends}, **dict([button])}


def consent(
    url: str, *, email: str | None = None, allow: bool = True, untick: Collection[str] = ()
) -> str:
    """Open the page, fill it in, submit it, and return the URL it redirects to."""
    with httpx.Client(verify=tls_context(), trust_env=False, timeout=30) as browser:
        page_response = browser.get(url)
        assert page_response.status_code == 200, page_response.text
        page = ConsentPage()
        page.feed(page_response.text)
        if email is not None:
            page.choose(email)
        for each in untick:
            page.untick(each)
        data = page.form_data("allow" if allow else "deny")
        assert page.method == "post"
        redirect = browser.post(
            page_response.url.join(page.action or str(page_response.url)), data=data
        )
    assert redirect.status_code == 302, redirect.text
    return redirect.headers["location"]
