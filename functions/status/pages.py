"""What anybody may read of the API: its document, and the page that shows it."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from aws_lambda_powertools.event_handler import Response, openapi

DOCUMENT_PATH = "api/v1/openapi.json"
_DOCUMENT = Path(__file__).with_name("openapi.json")
_KEPT = {
    "Cache-Control": "public, max-age=300",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}
_START = (
    f'SwaggerUIBundle({{url: "{DOCUMENT_PATH}", dom_id: "#swagger-ui", deepLinking: true, '
    "validatorUrl: null, presets: [SwaggerUIBundle.presets.apis]});"
)
_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Calendar service</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<div id="swagger-ui"></div>
<script>{library}</script>
<script>{start}</script>
</body>
</html>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Text that is the same for everybody until the next release."""

    content_type: str
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def answer(self, known: str | None) -> Response[str | None]:
        """Return the page, or 304 when `known`, an If-None-Match header, names it."""
        etag = f'"{hashlib.sha256(self.text.encode()).hexdigest()[:32]}"'
        tags = [each.strip().removeprefix("W/") for each in (known or "").split(",")]
        headers = {**_KEPT, "ETag": etag, **self.headers}
        if etag in tags:
            return Response(status_code=304, headers=headers)
        return Response(
            status_code=200, content_type=self.content_type, headers=headers, body=self.text
        )


@cache
def document() -> Page:
    """Return the API's OpenAPI document as `make openapi` has written it."""
    return Page(content_type="application/json", text=_DOCUMENT.read_text(encoding="utf-8"))


@cache
def shown() -> Page:
    """Return the page that shows the document, with all it needs in it.

    Its Content-Security-Policy names the page's own scripts and style by their digests and lets
    nothing be asked of any other host.
    """
    bundled = Path(openapi.__file__).with_name("swagger_ui")
    library = (bundled / "swagger-ui-bundle.min.js").read_text(encoding="utf-8")
    # HTML, 13.1.3: neither may stand in a script, not even inside of a string.
    library = library.replace("</script", r"<\/script").replace("<!--", r"\x3C!--")
    style = (bundled / "swagger-ui.min.css").read_text(encoding="utf-8")
    return Page(
        content_type="text/html; charset=utf-8",
        text=_PAGE.format(style=style, library=library, start=_START),
        headers={"Content-Security-Policy": _policy([library, _START], style)},
    )


def _policy(scripts: list[str], style: str) -> str:
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {' '.join(map(_source, scripts))}",
            f"style-src {_source(style)}",
            "img-src data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    )


def _source(text: str) -> str:
    """CSP Level 3, section 2.3.1: the hash of an inline script or style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
