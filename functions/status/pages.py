"""The public documentation: the OpenAPI document and the page that renders it."""

from functools import cache
from pathlib import Path

from aws_lambda_powertools.event_handler import openapi

from shared.api.static_text import PAGE_TYPE, StaticText, content_policy, inline_script

DOCUMENT_PATH = "api/v1/openapi.json"
_DOCUMENT = Path(__file__).with_name("openapi.json")
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
    library = inline_script((bundled / "swagger-ui-bundle.min.js").read_text(encoding="utf-8"))
    style = (bundled / "swagger-ui.min.css").read_text(encoding="utf-8")
    return StaticText(
        content_type=PAGE_TYPE,
        text=_PAGE.format(style=style, library=library, start=_START),
        headers={"Content-Security-Policy": content_policy([library, _START], [style])},
    )
