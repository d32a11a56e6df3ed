"""The public documentation: the OpenAPI document and the page that renders it."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from aws_lambda_powertools.event_handler import Response, openapi

DOCUMENT_PATH = "api/v1/openapi.json"
_DOCUMENT = Path(__file__).with_name("openapi.json")
_CACHED = {
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


@cache
def document() -> StaticText:
    """Return the API's OpenAPI document as written by `make openapi`."""
    return StaticText(content_type="application/json", text=_DOCUMENT.read_text(encoding="utf-8"))


@cache
def documentation() -> StaticText:
    """Return a self-contained page that renders the document.

    Its Content-Security-Policy allows the page's own scripts and style by digest and no request to
    any other host.
    """
    bundled = Path(openapi.__file__).with_name("swagger_ui")
    library = (bundled / "swagger-ui-bundle.min.js").read_text(encoding="utf-8")
    # HTML, 13.1.3: neither may occur in a script, not even inside a string.
    library = library.replace("</script", r"<\/script").replace("<!--", r"\x3C!--")
    style = (bundled / "swagger-ui.min.css").read_text(encoding="utf-8")
    return StaticText(
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
    """Return the hash of an inline script or style (CSP Level 3, section 2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
