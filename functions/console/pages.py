"""The console's page, composed of the bundle that `make console` builds from console/."""

from functools import cache
from pathlib import Path

from aws_lambda_powertools.event_handler import Response

from shared.api.static_text import PAGE_TYPE, StaticText, content_policy, inline_script

BUNDLE = Path(__file__).with_name("static")
_RULES = ""
"""The style element that FullCalendar adds its rules to, one by one. It must be there and empty."""

_FURTHER = ("font-src data:", "frame-src 'self'")
"""For FullCalendar's symbols, and for the mails that the page shows on one machine."""

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Calendar console</title>
<link rel="icon" href="data:,">
<style>{style}</style>
<style data-fullcalendar>{rules}</style>
</head>
<body>
<div id="console"></div>
<noscript>The console needs JavaScript.</noscript>
<script>{script}</script>
</body>
</html>
"""
_NOT_BUILT = (
    "The console is not built. Run `make console`, which needs Node.js 20 or newer, and load this "
    "page again.\n"
)


def console(if_none_match: str | None, *, bundle: Path = BUNDLE) -> Response[str | None]:
    """Return the page, or 503 with what to do if the bundle was not built."""
    if not (bundle / "console.js").is_file():
        return Response(
            status_code=503, content_type="text/plain; charset=utf-8", body=_NOT_BUILT, headers={}
        )
    return page(bundle).response(if_none_match)


@cache
def page(bundle: Path) -> StaticText:
    """Return the page with the script and style of a bundle.

    Its Content-Security-Policy allows these by digest and no request to any other host.
    """
    script = inline_script((bundle / "console.js").read_text(encoding="utf-8"))
    style = (bundle / "console.css").read_text(encoding="utf-8")
    policy = content_policy([script], [style, _RULES], further=_FURTHER)
    return StaticText(
        content_type=PAGE_TYPE,
        text=_PAGE.format(style=style, rules=_RULES, script=script),
        headers={
            "Content-Security-Policy": policy,
            "Referrer-Policy": "no-referrer",
        },
    )
