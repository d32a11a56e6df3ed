"""Callbacks as a browser sends them: its cookie, prefetches, and a page for its user."""

from aws_lambda_powertools.event_handler import Response
from typing_extensions import override

from functions.connections.browser_cookie import BrowserCookie
from shared.api.app import App
from shared.api.envelope import PRIVATE
from shared.domain.connection import Provider
from shared.domain.errors import CalendarServiceError, InvalidState
from shared.usecases.accounts.authorization import Callback

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Calendar not connected</title>
</head>
<body>
<h1>Calendar not connected</h1>
<p>Connecting a calendar must be finished in the browser in which it was started, within ten \
minutes and only once.</p>
<p>Nothing was connected. Go back to the app and start connecting again.</p>
</body>
</html>
"""
_PREFETCH_HEADERS = ("sec-purpose", "purpose", "x-purpose", "x-moz")
_HEADERS = {
    **PRIVATE,
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}


class ConnectionsApp(App):
    """Reads callbacks, and shows INVALID_STATE of a callback as a page to a browser.

    The page is the same for every cause, so it does not show whether a state exists. Programs get
    the error envelope.
    """

    def callback(
        self,
        url: str,
        *,
        provider: Provider,
        code: str | None,
        state: str | None,
        error: str | None,
        description: str | None = None,
    ) -> Callback:
        """Return the callback at `url`, and delete the cookie of its state in the browser."""
        cookie = BrowserCookie(url, state or "")
        secret = cookie.secret_in(self.cookies)
        if secret and not self._is_prefetch:
            self.set_cookie(cookie.clearing())
        return Callback(
            provider=provider,
            code=code,
            state=state,
            error=error,
            error_description=description,
            browser_secret=secret,
            is_prefetch=self._is_prefetch,
        )

    @override
    def _error_response(self, error: CalendarServiceError) -> Response[str]:
        response = super()._error_response(error)
        if isinstance(error, InvalidState) and self._is_shown_to_a_person:
            return Response(
                status_code=response.status_code,
                content_type="text/html; charset=utf-8",
                headers=_HEADERS,
                body=_PAGE,
            )
        return response

    @property
    def _is_prefetch(self) -> bool:
        if self.is_head:
            return True
        purposes = [self.current_event.headers.get(name, "") for name in _PREFETCH_HEADERS]
        return any("prefetch" in each or "preview" in each for each in purposes)

    @property
    def _is_shown_to_a_person(self) -> bool:
        accepted: str = self.current_event.headers.get("accept", "")
        return self.current_event.path.endswith("/callback") and "text/html" in accepted
