"""Google's authorization server, simulated: consent, codes, tokens, revocation of whole grants."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from infra.local.simulators import google_consent
from infra.local.simulators.common import Answer, Request, Route, html_answer, json_answer, redirect
from infra.local.simulators.id_tokens import IdTokens

ISSUER = "https://accounts.google.com"
EMAIL_SCOPE = "https://www.googleapis.com/auth/userinfo.email"
LIFETIME_SECONDS = 3599
MOST_REFRESH_TOKENS = 100
"""Live ones per account and client; one more ends the oldest without a word."""


@dataclass(slots=True)
class Token:
    """An access token or refresh token and what it is for."""

    email: str
    scopes: frozenset[str]
    alive: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Code:
    email: str
    scopes: frozenset[str]
    asked: Mapping[str, str]


@dataclass
class Authorization:
    """Accounts, codes and tokens of one client; accounts appear when they are first named."""

    client_id: str
    client_secret: str
    emails: list[str] = field(default_factory=list)
    access: dict[str, Token] = field(default_factory=dict)
    refresh: dict[str, Token] = field(default_factory=dict)
    id_tokens: IdTokens = field(default_factory=IdTokens)
    _codes: dict[str, _Code] = field(default_factory=dict)
    _used_codes: dict[str, str] = field(default_factory=dict)

    def routes(self) -> Sequence[Route]:
        """Return the paths of the authorization server."""
        return (
            Route("GET", "/o/oauth2/v2/auth", self.ask),
            Route("POST", "/o/oauth2/v2/auth", self.decide),
            Route("POST", "/token", self.token),
            Route("POST", "/revoke", self.revoke),
            Route("GET", "/oauth2/v3/certs", lambda _: json_answer(self.id_tokens.jwks())),
            Route("GET", "/v1/userinfo", self.userinfo),
        )

    def clear(self, emails: Sequence[str]) -> None:
        """Forget everything but these accounts."""
        self.emails = list(emails)
        for each in (self.access, self.refresh, self._codes, self._used_codes):
            each.clear()

    def ask(self, request: Request) -> Answer:
        """Show the consent page.

        With `auto=allow` or `auto=deny` the answer is given at once, for `login_hint` and without
        the scopes in `untick`.
        """
        query = request.query
        if problem := google_consent.problem(query, client_id=self.client_id):
            return html_answer(f"<h1>Error 400: {problem}</h1>", status=400)
        if "login_hint" in query:
            self.known(query["login_hint"])
        if "auto" in query:
            granted = set(query["scope"].split()) - set(query.get("untick", "").split())
            email = query.get("login_hint") or self.emails[0]
            return self._decided(query, email, granted, allowed=query["auto"] == "allow")
        return html_answer(google_consent.page(query, emails=self.emails))

    def decide(self, request: Request) -> Answer:
        """Take what the consent page posts."""
        form = request.form
        if problem := google_consent.problem(form, client_id=self.client_id):
            return html_answer(f"<h1>Error 400: {problem}</h1>", status=400)
        allowed = form["decision"] == "allow"
        return self._decided(form, form["account"], google_consent.ticked(form), allowed=allowed)

    def token(self, request: Request) -> Answer:
        """Redeem a code or a refresh token."""
        form = request.form
        if form.get("client_id") != self.client_id or not hmac.compare_digest(
            form.get("client_secret", ""), self.client_secret
        ):
            return _refusal("invalid_client", "The OAuth client was not found.", status=401)
        if form.get("grant_type") == "authorization_code":
            return self._redeem(form)
        if form.get("grant_type") == "refresh_token":
            return self._renew(form)
        return _refusal("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type')}")

    def revoke(self, request: Request) -> Answer:
        """End the whole grant of the user a token belongs to."""
        token = request.form.get("token") or request.query.get("token", "")
        held = self.refresh.get(token) or self.access.get(token)
        if held is None or not held.alive:
            return _refusal("invalid_token", "Token expired or revoked")
        self.end_grant(held.email)
        return json_answer({})

    def userinfo(self, request: Request) -> Answer:
        """Tell who an access token is for."""
        held = self.holder(request)
        if held is None:
            return _refusal("invalid_request", "Invalid Credentials", status=401)
        return json_answer({"sub": subject(held.email), "email": held.email})

    def holder(self, request: Request) -> Token | None:
        """Return what the request's access token is for, or None when it is no good."""
        held = self.access.get(request.bearer or "")
        return held if held is not None and held.alive else None

    def grant(
        self, email: str, scopes: frozenset[str], *, offline: bool = True
    ) -> tuple[str, str | None]:
        """Return an access token and, if `offline`, a refresh token, as after a consent."""
        self.known(email)
        access = f"ya29.{secrets.token_urlsafe(24)}"
        self.access[access] = Token(email, scopes)
        return access, self._new_refresh_token(email, scopes) if offline else None

    def expire_access_tokens(self) -> None:
        """Let every access token end now; refresh tokens stay good."""
        for token in self.access.values():
            token.alive = False

    def end_grant(self, email: str) -> None:
        """Let every token of the account end now, as revoking or changing the password does."""
        for token in (*self.access.values(), *self.refresh.values()):
            token.alive = token.alive and token.email != email

    def known(self, email: str) -> None:
        """Have an account of that address."""
        if email not in self.emails:
            self.emails.append(email)

    def _decided(
        self, asked: Mapping[str, str], email: str, granted: set[str], *, allowed: bool
    ) -> Answer:
        back = {"state": asked["state"]} if "state" in asked else {}
        if not allowed:
            return redirect(
                f"{asked['redirect_uri']}?{urlencode({**back, 'error': 'access_denied'})}"
            )
        self.known(email)
        code = f"4/0A{secrets.token_urlsafe(32)}"
        scopes = frozenset(EMAIL_SCOPE if each == "email" else each for each in granted)
        self._codes[code] = _Code(email=email, scopes=scopes, asked=dict(asked))
        told = {**back, "iss": ISSUER, "code": code, "scope": _listed(scopes), "authuser": "0"}
        if "prompt" in asked:
            told["prompt"] = asked["prompt"]
        return redirect(f"{asked['redirect_uri']}?{urlencode(told)}")

    def _redeem(self, form: Mapping[str, str]) -> Answer:
        text = form.get("code", "")
        if text in self._used_codes:
            # A code that comes twice was stolen; what it gave ends (RFC 6749, section 4.1.2).
            self.end_grant(self._used_codes[text])
        code = self._codes.pop(text, None)
        if code is None:
            return _refusal("invalid_grant", "Malformed auth code.")
        self._used_codes[text] = code.email
        if form.get("redirect_uri") != code.asked["redirect_uri"]:
            return _refusal("redirect_uri_mismatch", "Bad Request")
        if not google_consent.proves(form.get("code_verifier", ""), code.asked):
            return _refusal("invalid_grant", "Invalid code verifier.")
        return json_answer(self._first_tokens(code))

    def _first_tokens(self, code: _Code) -> dict[str, object]:
        offline = code.asked.get("access_type") == "offline"
        again = any(each.email == code.email and each.alive for each in self.refresh.values())
        consented = code.asked.get("prompt") == "consent" or not again
        access, refresh = self.grant(code.email, code.scopes, offline=offline and consented)
        told: dict[str, object] = {
            "access_token": access,
            "expires_in": LIFETIME_SECONDS,
            "scope": _listed(code.scopes),
            "token_type": "Bearer",
        }
        if refresh is not None:
            told["refresh_token"] = refresh
        if "openid" in code.scopes:
            told["id_token"] = self._id_token(code)
        return told

    def _id_token(self, code: _Code) -> str:
        claims: dict[str, object] = {
            "iss": ISSUER,
            "azp": self.client_id,
            "aud": self.client_id,
            "sub": subject(code.email),
            "iat": 1_767_225_600,
            "exp": 4_102_444_800,
        }
        if EMAIL_SCOPE in code.scopes:
            claims.update(email=code.email, email_verified=True)
        if "nonce" in code.asked:
            claims["nonce"] = code.asked["nonce"]
        return self.id_tokens.signed(claims)

    def _renew(self, form: Mapping[str, str]) -> Answer:
        held = self.refresh.get(form.get("refresh_token", ""))
        if held is None or not held.alive:
            return _refusal("invalid_grant", "Token has been expired or revoked.")
        access, _ = self.grant(held.email, held.scopes, offline=False)
        return json_answer(
            {
                "access_token": access,
                "expires_in": LIFETIME_SECONDS,
                "scope": _listed(held.scopes),
                "token_type": "Bearer",
            }
        )

    def _new_refresh_token(self, email: str, scopes: frozenset[str]) -> str:
        alive = [each for each in self.refresh.values() if each.email == email and each.alive]
        for oldest in alive[: max(0, len(alive) - MOST_REFRESH_TOKENS + 1)]:
            oldest.alive = False
        token = f"1//0{secrets.token_urlsafe(32)}"
        self.refresh[token] = Token(email, scopes)
        return token


def subject(email: str) -> str:
    """Return the account's number, which never changes."""
    return str(int.from_bytes(hashlib.sha256(email.encode()).digest()[:8]) % 10**20).zfill(21)


def _listed(scopes: frozenset[str]) -> str:
    return " ".join(sorted(scopes))


def _refusal(code: str, description: str, *, status: int = 400) -> Answer:
    return json_answer({"error": code, "error_description": description}, status=status)
