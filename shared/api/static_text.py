"""Pages and documents that are the same for every user until the next release."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from aws_lambda_powertools.event_handler import Response

_CACHED = {
    "Cache-Control": "public, max-age=300",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}
PAGE_TYPE = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticText:
    """Text that is the same for every user until the next release."""

    content_type: str
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self, if_none_match: str | None) -> Response[str | None]:
        """Return the text, or 304 if the If-None-Match header contains its ETag."""
        etag = f'"{hashlib.sha256(self.text.encode()).hexdigest()[:32]}"'
        tags = [each.strip().removeprefix("W/") for each in (if_none_match or "").split(",")]
        headers = {**_CACHED, "ETag": etag, **self.headers}
        if etag in tags:
            return Response(status_code=304, headers=headers)
        return Response(
            status_code=200, content_type=self.content_type, headers=headers, body=self.text
        )


def inline_script(text: str) -> str:
    """Return a script that can be put into a page.

    Two texts must not occur in a script, not even inside a string (HTML, section 13.1.3).
    """
    return text.replace("</script", r"<\/script").replace("<!--", r"\x3C!--")


def content_policy(
    scripts: Iterable[str], styles: Iterable[str], *, further: Iterable[str] = ()
) -> str:
    """Return a Content-Security-Policy of a page with these inline scripts and styles.

    It allows them by digest, and requests to the page's own host only. `further` adds directives.
    """
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {' '.join(map(_source, scripts))}",
            f"style-src {' '.join(map(_source, styles))}",
            "img-src data:",
            "connect-src 'self'",
            *further,
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    )


def _source(text: str) -> str:
    """Return the hash of an inline script or style (CSP Level 3, section 2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
