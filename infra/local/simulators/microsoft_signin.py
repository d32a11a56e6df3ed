"""Microsoft's authorization server, simulated: consent, codes, tokens that rotate, id tokens."""

import hashlib
import hmac
import secrets
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from infra.local.simulators.common import Answer, Request, Route, html_answer, json_answer, redirect
from infra.local.simulators.id_tokens import IdTokens
from infra.local.simulators.microsoft_accounts import client_info, object_id, tenant_of
from infra.local.simulators.microsoft_consent import page, problem, proves

LIFETIME_SECONDS = 3599

_NOT_LISTED = frozenset({"offline_access"})


@dataclass(frozen=True, slots=True)
class Token:
    """What an access token or refresh token is for."""

    email: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Code:
    email: str
    asked: Mapping[str, str]


@dataclass
class SignIns:
    """Accounts, codes and tokens of one application; accounts appear when they are first named.

    `url` is where the authority is served, known once it is.
    """

    client_id: str
    client_secret: str
    url: Callable[[], str]
    emails: list[str] = field(default_factory=list)
    access: dict[str, Token] = field(default_factory=dict)
    refresh: dict[str, Token] = field(default_factory=dict)
    id_tokens: IdTokens = field(default_factory=IdTokens)
    _codes: dict[str, _Code] = field(default_factory=dict)

    def routes(self) -> Sequence[Route]:
        """Return the paths of the authority."""
        place = "/{tenant}/oauth2/v2.0"
        configuration = "/{tenant}/v2.0/.well-known/openid-configuration"
        return (
            Route("GET", configuration, self.configuration),
            Route("GET", "/common/discovery/instance", self.instance),
            Route("GET", "/{tenant}/discovery/v2.0/keys", self.keys),
            Route("GET", f"{place}/authorize", self.ask),
            Route("POST", f"{place}/authorize", self.decide),
            Route("POST", f"{place}/token", self.token),
        )

    def clear(self, emails: Sequence[str]) -> None:
        """Forget everything but these accounts."""
        self.emails = list(emails)
        for each in (self.access, self.refresh, self._codes):
            each.clear()

    def configuration(self, _: Request, tenant: str) -> Answer:
        """Tell the OpenID configuration; the issuer of common accounts differs by tenant."""
        shared = tenant in ("common", "organizations")
        place = f"{self.url()}/{tenant}"
        return json_answer(
            {
                "issuer": f"{self.url()}/{'{tenantid}' if shared else tenant}/v2.0",
                "authorization_endpoint": f"{place}/oauth2/v2.0/authorize",
                "token_endpoint": f"{place}/oauth2/v2.0/token",
                "jwks_uri": f"{place}/discovery/v2.0/keys",
                "response_modes_supported": ["query", "fragment", "form_post"],
                "response_types_supported": ["code", "id_token", "code id_token"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    def instance(self, _: Request) -> Answer:
        """Tell where the OpenID configuration is."""
        where = f"{self.url()}/common/v2.0/.well-known/openid-configuration"
        return json_answer({"tenant_discovery_endpoint": where, "api-version": "1.1"})

    def keys(self, _: Request, tenant: str) -> Answer:  # noqa: ARG002 - every tenant has the same
        """Tell the keys id tokens are signed with."""
        return json_answer(self.id_tokens.jwks())

    def ask(self, request: Request, tenant: str) -> Answer:  # noqa: ARG002 - any account may sign in
        """Show the page; `auto=allow` or `auto=deny` answers at once, for `login_hint`."""
        query = request.query
        if wrong := problem(query, self.client_id):
            return html_answer(f"<h1>{wrong}</h1>", status=400)
        if "login_hint" in query:
            self.known(query["login_hint"])
        if "auto" in query:
            email = query.get("login_hint") or self.emails[0]
            return self._decided(query, email, allowed=query["auto"] == "allow")
        return html_answer(page(query, self.emails))

    def decide(self, request: Request, tenant: str) -> Answer:  # noqa: ARG002 - likewise
        """Take what the page posts."""
        form = request.form
        if wrong := problem(form, self.client_id):
            return html_answer(f"<h1>{wrong}</h1>", status=400)
        return self._decided(form, form["account"], allowed=form["decision"] == "allow")

    def token(self, request: Request, tenant: str) -> Answer:  # noqa: ARG002 - likewise
        """Redeem a code, or a refresh token, which stays good beside the new one."""
        form, fault = request.form, request.fault
        if fault.get("kind") == "aadsts":
            return refusal(fault["code"], fault.get("error", "invalid_grant"))
        if form.get("client_id") != self.client_id:
            return refusal(700016, "unauthorized_client")
        if not hmac.compare_digest(form.get("client_secret", ""), self.client_secret):
            return refusal(7000215, "invalid_client", status=401)
        if form.get("grant_type") == "authorization_code":
            return self._redeem(form)
        if form.get("grant_type") == "refresh_token":
            return self._renew(form, rotates=fault.get("kind") != "no_refresh_token")
        return refusal(900144, "invalid_request")

    def holder(self, request: Request) -> Token | None:
        """Return what the request's access token is for, or None when it is no good."""
        return self.access.get(request.bearer or "")

    def grant(self, email: str, scopes: frozenset[str]) -> tuple[str, str]:
        """Return an access token and a refresh token, as after a consent."""
        self.known(email)
        held = Token(email, scopes)
        access, refresh = f"EwB{secrets.token_urlsafe(32)}", f"0.AX{secrets.token_urlsafe(40)}"
        self.access[access] = self.refresh[refresh] = held
        return access, refresh

    def expire_access_tokens(self) -> None:
        """Let every access token end now; refresh tokens stay good."""
        self.access.clear()

    def end_grant(self, email: str) -> None:
        """Let every token of the account end now, as a new password does."""
        for tokens in (self.access, self.refresh):
            for text in [text for text, held in tokens.items() if held.email == email]:
                del tokens[text]

    def known(self, email: str) -> None:
        """Have an account of that address."""
        if email not in self.emails:
            self.emails.append(email)

    def _decided(self, asked: Mapping[str, str], email: str, *, allowed: bool) -> Answer:
        back = {"state": asked["state"]} if "state" in asked else {}
        if not allowed:
            told = {"error": "access_denied", "error_subcode": "cancel", **back}
            return redirect(f"{asked['redirect_uri']}?{urlencode(told)}")
        self.known(email)
        code = f"1.AX{secrets.token_urlsafe(64)}"
        self._codes[code] = _Code(email=email, asked=dict(asked))
        told = {"code": code, **back, "session_state": str(uuid.uuid4())}
        return redirect(f"{asked['redirect_uri']}?{urlencode(told)}")

    def _redeem(self, form: Mapping[str, str]) -> Answer:
        code = self._codes.pop(form.get("code", ""), None)
        if code is None:
            return refusal(54005, "invalid_grant")
        if form.get("redirect_uri") != code.asked["redirect_uri"]:
            return refusal(500112, "invalid_client")
        if not proves(form.get("code_verifier", ""), code.asked):
            return refusal(501481, "invalid_grant")
        return self._tokens(code.email, code.asked["scope"], nonce=code.asked.get("nonce"))

    def _renew(self, form: Mapping[str, str], *, rotates: bool) -> Answer:
        held = self.refresh.get(form.get("refresh_token", ""))
        if held is None:
            return refusal(700082, "invalid_grant")
        scope = form.get("scope") or " ".join(held.scopes)
        if not set(scope.split()) <= held.scopes:
            return refusal(65001, "invalid_grant")
        return self._tokens(held.email, scope, rotates=rotates)

    def _tokens(
        self, email: str, scope: str, *, nonce: str | None = None, rotates: bool = True
    ) -> Answer:
        scopes = frozenset(scope.split())
        access, refresh = self.grant(email, scopes)
        told: dict[str, object] = {
            "token_type": "Bearer",
            "scope": " ".join(sorted(scopes - _NOT_LISTED)),
            "expires_in": LIFETIME_SECONDS,
            "ext_expires_in": LIFETIME_SECONDS,
            "access_token": access,
        }
        if "offline_access" in scopes and rotates:
            told["refresh_token"] = refresh
        if "openid" in scopes:
            told["id_token"] = self._id_token(email, scopes, nonce)
        if "profile" in scopes:
            told["client_info"] = client_info(email)
        return json_answer(told)

    def _id_token(self, email: str, scopes: frozenset[str], nonce: str | None) -> str:
        tenant, now = tenant_of(email), int(time.time())
        claims: dict[str, object] = {
            "iss": f"{self.url()}/{tenant}/v2.0",
            "aud": self.client_id,
            "sub": hashlib.sha256(f"{self.client_id} {email}".encode()).hexdigest(),
            "tid": tenant,
            "oid": object_id(email),
            "preferred_username": email,
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME_SECONDS,
            "ver": "2.0",
        }
        if "email" in scopes:
            claims["email"] = email
        if nonce is not None:
            claims["nonce"] = nonce
        return self.id_tokens.signed(claims)


def refusal(code: int, error: str, *, status: int = 400) -> Answer:
    """Return an error answer of the token endpoint."""
    told = {
        "error": error,
        "error_description": f"AADSTS{code}: simulated. Trace ID: {uuid.uuid4()}",
        "error_codes": [code],
        "timestamp": "2026-01-01 00:00:00Z",
        "trace_id": str(uuid.uuid4()),
        "correlation_id": str(uuid.uuid4()),
    }
    return json_answer(told, status=status)
