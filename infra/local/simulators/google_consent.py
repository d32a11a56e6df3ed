"""The consent page of the simulated Google, which a person can click through."""

import base64
import hashlib
import hmac
import html
from collections.abc import Mapping, Sequence

_FIXED_SCOPES = ("openid", "email", "https://www.googleapis.com/auth/userinfo.email")
_ASKED = (
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


def problem(asked: Mapping[str, str], *, client_id: str) -> str | None:
    """Return what is wrong with an authorization request, or None."""
    if asked.get("client_id") != client_id:
        return "invalid_client"
    if not asked.get("redirect_uri", "").startswith(("http://", "https://")):
        return "redirect_uri_mismatch"
    if asked.get("response_type") != "code" or not asked.get("scope"):
        return "invalid_request"
    if asked.get("code_challenge_method", "S256") not in ("S256", "plain"):
        return "invalid_request"
    return None


def page(asked: Mapping[str, str], *, emails: Sequence[str]) -> str:
    """Return the page that asks for the account and for each scope."""
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(asked[name])}">'
        for name in _ASKED
        if name in asked
    )
    chosen = asked.get("login_hint") or emails[0]
    accounts = "".join(
        f'<label><input type="radio" name="account" value="{html.escape(each)}"'
        f"{' checked' if each == chosen else ''}>{html.escape(each)}</label><br>"
        for each in emails
    )
    scopes = "".join(
        f'<label><input type="checkbox" name="grant:{html.escape(each)}" checked'
        f"{' disabled' if each in _FIXED_SCOPES else ''}>{html.escape(each)}</label><br>"
        for each in asked["scope"].split()
    )
    client = html.escape(asked["client_id"])
    return _PAGE.format(hidden=hidden, accounts=accounts, scopes=scopes, client=client)


def ticked(form: Mapping[str, str]) -> set[str]:
    """Return the scopes that the posted page grants."""
    return {
        each for each in form["scope"].split() if each in _FIXED_SCOPES or f"grant:{each}" in form
    }


def proves(verifier: str, asked: Mapping[str, str]) -> bool:
    """Whether the verifier is the one the request's challenge was made of (RFC 7636)."""
    challenge = asked.get("code_challenge")
    if challenge is None:
        return True
    if asked.get("code_challenge_method") == "S256":
        digest = hashlib.sha256(verifier.encode()).digest()
        verifier = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return hmac.compare_digest(verifier, challenge)
