"""The simulated authorization server of Google: consent, codes, tokens and revocation."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from infra.local.simulators.google import consent
from infra.local.simulators.http import (
    SimulatedRequest,
    SimulatedResponse,
    SimulatorRoute,
    html_response,
    json_response,
    redirect,
)
from infra.local.simulators.id_tokens import IdTokens

ISSUER = "https://accounts.google.com"
EMAIL_SCOPE = "https://www.googleapis.com/auth/userinfo.email"
LIFETIME_SECONDS = 3599
MAX_REFRESH_TOKENS = 100
"""The limit per account and client; one more silently revokes the oldest."""


@dataclass(slots=True)
class GoogleToken:
    """The account, scopes and validity of an access token or refresh token."""

    email: str
    scopes: frozenset[str]
    alive: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _GoogleCode:
    email: str
    scopes: frozenset[str]
    parameters: Mapping[str, str]


@dataclass
class Authorization:
    """Accounts, codes and tokens of one client; an account is created when first used.

    `unverified` has the accounts whose user never confirmed the address.
    """

    client_id: str
    client_secret: str
    emails: list[str] = field(default_factory=list)
    unverified: set[str] = field(default_factory=set)
    access: dict[str, GoogleToken] = field(default_factory=dict)
    refresh: dict[str, GoogleToken] = field(default_factory=dict)
    id_tokens: IdTokens = field(default_factory=IdTokens)
    _codes: dict[str, _GoogleCode] = field(default_factory=dict)
    _used_codes: dict[str, str] = field(default_factory=dict)

    def routes(self) -> Sequence[SimulatorRoute]:
        """Return the paths of the authorization server."""
        return (
            SimulatorRoute("GET", "/o/oauth2/v2/auth", self.authorize),
            SimulatorRoute("POST", "/o/oauth2/v2/auth", self.submit_consent),
            SimulatorRoute("POST", "/token", self.token),
            SimulatorRoute("POST", "/revoke", self.revoke),
            SimulatorRoute(
                "GET", "/oauth2/v3/certs", lambda _: json_response(self.id_tokens.jwks())
            ),
            SimulatorRoute("GET", "/v1/userinfo", self.userinfo),
        )

    def clear(self, emails: Sequence[str]) -> None:
        """Delete everything except these accounts."""
        self.emails = list(emails)
        for each in (self.unverified, self.access, self.refresh, self._codes, self._used_codes):
            each.clear()

    def authorize(self, request: SimulatedRequest) -> SimulatedResponse:
        """Return the consent page.

        `auto=allow` or `auto=deny` decides at once, for the account `login_hint` and without the
        scopes in `untick`.
        """
        query = request.query
        if problem := consent.problem(query, client_id=self.client_id):
            return html_response(f"<h1>Error 400: {problem}</h1>", status=400)
        if "login_hint" in query:
            self.add_account(query["login_hint"])
        if "auto" in query:
            granted = set(query["scope"].split()) - set(query.get("untick", "").split())
            email = query.get("login_hint") or self.emails[0]
            return self._decided(query, email, granted, allowed=query["auto"] == "allow")
        return html_response(consent.page(query, emails=self.emails))

    def submit_consent(self, request: SimulatedRequest) -> SimulatedResponse:
        """Handle the posted consent page."""
        form = request.form
        if problem := consent.problem(form, client_id=self.client_id):
            return html_response(f"<h1>Error 400: {problem}</h1>", status=400)
        allowed = form["decision"] == "allow"
        return self._decided(form, form["account"], consent.ticked(form), allowed=allowed)

    def token(self, request: SimulatedRequest) -> SimulatedResponse:
        """Redeem a code or a refresh token."""
        form = request.form
        if form.get("client_id") != self.client_id or not hmac.compare_digest(
            form.get("client_secret", ""), self.client_secret
        ):
            return _token_error("invalid_client", "The OAuth client was not found.", status=401)
        if form.get("grant_type") == "authorization_code":
            return self._redeem(form)
        if form.get("grant_type") == "refresh_token":
            return self._renew(form)
        return _token_error(
            "unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type')}"
        )

    def revoke(self, request: SimulatedRequest) -> SimulatedResponse:
        """Revoke the whole grant of a token's account."""
        token = request.form.get("token") or request.query.get("token", "")
        record = self.refresh.get(token) or self.access.get(token)
        if record is None or not record.alive:
            return _token_error("invalid_token", "Token expired or revoked")
        self.end_grant(record.email)
        return json_response({})

    def userinfo(self, request: SimulatedRequest) -> SimulatedResponse:
        """Return the account of an access token."""
        record = self.bearer_token(request)
        if record is None:
            return _token_error("invalid_request", "Invalid Credentials", status=401)
        return json_response({"sub": subject(record.email), **self._address(record.email)})

    def bearer_token(self, request: SimulatedRequest) -> GoogleToken | None:
        """Return the request's access token, or None when it is unknown or expired."""
        record = self.access.get(request.bearer or "")
        return record if record is not None and record.alive else None

    def grant(
        self, email: str, scopes: frozenset[str], *, offline: bool = True
    ) -> tuple[str, str | None]:
        """Return an access token and, if `offline`, a refresh token, as after a consent."""
        self.add_account(email)
        access = f"ya29.{secrets.token_urlsafe(24)}"
        self.access[access] = GoogleToken(email, scopes)
        return access, self._new_refresh_token(email, scopes) if offline else None

    def expire_access_tokens(self) -> None:
        """Expire every access token; refresh tokens stay valid."""
        for token in self.access.values():
            token.alive = False

    def end_grant(self, email: str) -> None:
        """Revoke every token of the account, as a revocation or a new password does."""
        for token in (*self.access.values(), *self.refresh.values()):
            token.alive = token.alive and token.email != email

    def add_account(self, email: str) -> None:
        """Create an account with that address unless it exists."""
        if email not in self.emails:
            self.emails.append(email)

    def _decided(
        self, parameters: Mapping[str, str], email: str, granted: set[str], *, allowed: bool
    ) -> SimulatedResponse:
        back = {"state": parameters["state"]} if "state" in parameters else {}
        if not allowed:
            return redirect(
                f"{parameters['redirect_uri']}?{urlencode({**back, 'error': 'access_denied'})}"
            )
        self.add_account(email)
        code = f"4/0A{secrets.token_urlsafe(32)}"
        scopes = frozenset(EMAIL_SCOPE if each == "email" else each for each in granted)
        self._codes[code] = _GoogleCode(email=email, scopes=scopes, parameters=dict(parameters))
        content = {**back, "iss": ISSUER, "code": code, "scope": _listed(scopes), "authuser": "0"}
        if "prompt" in parameters:
            content["prompt"] = parameters["prompt"]
        return redirect(f"{parameters['redirect_uri']}?{urlencode(content)}")

    def _redeem(self, form: Mapping[str, str]) -> SimulatedResponse:
        text = form.get("code", "")
        if text in self._used_codes:
            # A code used twice was stolen: revoke its tokens (RFC 6749, section 4.1.2).
            self.end_grant(self._used_codes[text])
        code = self._codes.pop(text, None)
        if code is None:
            return _token_error("invalid_grant", "Malformed auth code.")
        self._used_codes[text] = code.email
        if form.get("redirect_uri") != code.parameters["redirect_uri"]:
            return _token_error("redirect_uri_mismatch", "Bad Request")
        if not consent.verifier_matches(form.get("code_verifier", ""), code.parameters):
            return _token_error("invalid_grant", "Invalid code verifier.")
        return json_response(self._first_tokens(code))

    def _first_tokens(self, code: _GoogleCode) -> dict[str, object]:
        offline = code.parameters.get("access_type") == "offline"
        again = any(each.email == code.email and each.alive for each in self.refresh.values())
        consented = code.parameters.get("prompt") == "consent" or not again
        access, refresh = self.grant(code.email, code.scopes, offline=offline and consented)
        content: dict[str, object] = {
            "access_token": access,
            "expires_in": LIFETIME_SECONDS,
            "scope": _listed(code.scopes),
            "token_type": "Bearer",
        }
        if refresh is not None:
            content["refresh_token"] = refresh
        if "openid" in code.scopes:
            nonce = code.parameters.get("nonce")
            content["id_token"] = self._id_token(code.email, code.scopes, nonce=nonce)
        return content

    def _id_token(self, email: str, scopes: frozenset[str], *, nonce: str | None = None) -> str:
        claims: dict[str, object] = {
            "iss": ISSUER,
            "azp": self.client_id,
            "aud": self.client_id,
            "sub": subject(email),
            "iat": 1_767_225_600,
            "exp": 4_102_444_800,
        }
        if EMAIL_SCOPE in scopes:
            claims.update(self._address(email))
        if nonce is not None:
            claims["nonce"] = nonce
        return self.id_tokens.signed(claims)

    def _address(self, email: str) -> dict[str, object]:
        return {"email": email, "email_verified": email not in self.unverified}

    def _renew(self, form: Mapping[str, str]) -> SimulatedResponse:
        record = self.refresh.get(form.get("refresh_token", ""))
        if record is None or not record.alive:
            return _token_error("invalid_grant", "Token has been expired or revoked.")
        access, _ = self.grant(record.email, record.scopes, offline=False)
        content = {
            "access_token": access,
            "expires_in": LIFETIME_SECONDS,
            "scope": _listed(record.scopes),
            "token_type": "Bearer",
        }
        if "openid" in record.scopes:
            content["id_token"] = self._id_token(record.email, record.scopes)
        return json_response(content)

    def _new_refresh_token(self, email: str, scopes: frozenset[str]) -> str:
        alive = [each for each in self.refresh.values() if each.email == email and each.alive]
        for oldest in alive[: max(0, len(alive) - MAX_REFRESH_TOKENS + 1)]:
            oldest.alive = False
        token = f"1//0{secrets.token_urlsafe(32)}"
        self.refresh[token] = GoogleToken(email, scopes)
        return token


def subject(email: str) -> str:
    """Return the account's permanent number."""
    return str(int.from_bytes(hashlib.sha256(email.encode()).digest()[:8]) % 10**20).zfill(21)


def _listed(scopes: frozenset[str]) -> str:
    return " ".join(sorted(scopes))


def _token_error(code: str, description: str, *, status: int = 400) -> SimulatedResponse:
    return json_response({"error": code, "error_description": description}, status=status)
