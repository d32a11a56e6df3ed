"""The consent page of the simulated Google."""

import base64
import hashlib
import hmac
import html
from collections.abc import Mapping, Sequence

_FIXED_SCOPES = ("openid", "email", "https://www.googleapis.com/auth/userinfo.email")
_PARAMETERS = (
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "access_type",
    "prompt",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
)
_PAGE = """<!DOCTYPE html><html lang="en"><head><title>Simulated Google</title></head><body>
<h1>Simulated Google</h1><form method="post" action="/o/oauth2/v2/auth">{hidden}
<fieldset><legend>Choose an account</legend>{accounts}</fieldset>
<fieldset><legend>What {client} may do</legend>{scopes}</fieldset>
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button></form></body></html>"""


def problem(parameters: Mapping[str, str], *, client_id: str) -> str | None:
    """Return what is wrong with an authorization request, or None."""
    if parameters.get("client_id") != client_id:
        return "invalid_client"
    if not parameters.get("redirect_uri", "").startswith(("http://", "https://")):
        return "redirect_uri_mismatch"
    if parameters.get("response_type") != "code" or not parameters.get("scope"):
        return "invalid_request"
    if parameters.get("code_challenge_method", "S256") not in ("S256", "plain"):
        return "invalid_request"
    return None


def page(parameters: Mapping[str, str], *, emails: Sequence[str]) -> str:
    """Return the page on which a user chooses an account and scopes."""
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(parameters[name])}">'
        for name in _PARAMETERS
        if name in parameters
    )
    chosen = parameters.get("login_hint") or emails[0]
    accounts = "".join(
        f'<label><input type="radio" name="account" value="{html.escape(each)}"'
        f"{' checked' if each == chosen else ''}>{html.escape(each)}</label><br>"
        for each in emails
    )
    scopes = "".join(
        f'<label><input type="checkbox" name="grant:{html.escape(each)}" checked'
        f"{' disabled' if each in _FIXED_SCOPES else ''}>{html.escape(each)}</label><br>"
        for each in parameters["scope"].split()
    )
    client = html.escape(parameters["client_id"])
    return _PAGE.format(hidden=hidden, accounts=accounts, scopes=scopes, client=client)


def ticked(form: Mapping[str, str]) -> set[str]:
    """Return the scopes that the posted form grants."""
    return {
        each for each in form["scope"].split() if each in _FIXED_SCOPES or f"grant:{each}" in form
    }


def verifier_matches(verifier: str, parameters: Mapping[str, str]) -> bool:
    """Whether the PKCE verifier matches the request's challenge (RFC 7636)."""
    challenge = parameters.get("code_challenge")
    if challenge is None:
        return True
    if parameters.get("code_challenge_method") == "S256":
        digest = hashlib.sha256(verifier.encode()).digest()
        verifier = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return hmac.compare_digest(verifier, challenge)
