"""The consent page of the simulated Microsoft and the validation of its parameters."""

import base64
import hashlib
import hmac
import html
from collections.abc import Mapping, Sequence

_PARAMETERS = (
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "prompt",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
)
_PAGE = """<!DOCTYPE html><html lang="en"><head><title>Sign in - simulated Microsoft</title></head>
<body><h1>Simulated Microsoft</h1><form method="post">{hidden}
<fieldset><legend>Pick an account</legend>{accounts}</fieldset>
<p>{client} would like to: {scopes}</p>
<button name="decision" value="allow">Accept</button>
<button name="decision" value="deny">Cancel</button></form></body></html>"""


def problem(parameters: Mapping[str, str], client_id: str) -> str | None:
    """Return what is wrong with an authorization request, or None."""
    if parameters.get("client_id") != client_id:
        return "AADSTS700016: no such application"
    if not parameters.get("redirect_uri", "").startswith(("http://", "https://")):
        return "AADSTS50011: no such redirect URI"
    if parameters.get("response_type") != "code" or not parameters.get("scope"):
        return "AADSTS900144: a parameter is missing"
    if parameters.get("response_mode", "query") != "query":
        return "AADSTS70005: only the query response mode is simulated"
    return None


def page(parameters: Mapping[str, str], emails: Sequence[str]) -> str:
    """Return the page; it posts the request's parameters, the account and the decision."""
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
    scopes, client = html.escape(parameters["scope"]), html.escape(parameters["client_id"])
    return _PAGE.format(hidden=hidden, accounts=accounts, client=client, scopes=scopes)


def verifier_matches(verifier: str, parameters: Mapping[str, str]) -> bool:
    """Whether the PKCE verifier matches the request's challenge (RFC 7636, 4.6)."""
    challenge = parameters.get("code_challenge")
    if challenge is None:
        return True
    if parameters.get("code_challenge_method") == "S256":
        digest = hashlib.sha256(verifier.encode()).digest()
        verifier = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return hmac.compare_digest(verifier, challenge)
