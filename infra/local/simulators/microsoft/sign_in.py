"""The simulated authorization server of Microsoft: consent, codes, rotating tokens, id tokens."""

import hashlib
import hmac
import secrets
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from infra.local.simulators.http import (
    SimulatedRequest,
    SimulatedResponse,
    SimulatorRoute,
    html_response,
    json_response,
    redirect,
)
from infra.local.simulators.id_tokens import IdTokens
from infra.local.simulators.microsoft.accounts import client_info, object_id, tenant_of
from infra.local.simulators.microsoft.consent import page, problem, verifier_matches

LIFETIME_SECONDS = 3599

_NOT_LISTED = frozenset({"offline_access"})


@dataclass(frozen=True, slots=True)
class MicrosoftToken:
    """The account and scopes of an access token or refresh token."""

    email: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _MicrosoftCode:
    email: str
    parameters: Mapping[str, str]


@dataclass
class SignIns:
    """Accounts, codes and tokens of one application; an account is created when first used.

    `url` returns the authority's URL, once it is served. `other_emails` has the claim `email` of
    accounts whose administrator entered an address other than the user name.
    """

    client_id: str
    client_secret: str
    url: Callable[[], str]
    emails: list[str] = field(default_factory=list)
    other_emails: dict[str, str] = field(default_factory=dict)
    access: dict[str, MicrosoftToken] = field(default_factory=dict)
    refresh: dict[str, MicrosoftToken] = field(default_factory=dict)
    id_tokens: IdTokens = field(default_factory=IdTokens)
    _codes: dict[str, _MicrosoftCode] = field(default_factory=dict)

    def routes(self) -> Sequence[SimulatorRoute]:
        """Return the paths of the authority."""
        base = "/{tenant}/oauth2/v2.0"
        configuration = "/{tenant}/v2.0/.well-known/openid-configuration"
        return (
            SimulatorRoute("GET", configuration, self.configuration),
            SimulatorRoute("GET", "/common/discovery/instance", self.instance),
            SimulatorRoute("GET", "/{tenant}/discovery/v2.0/keys", self.keys),
            SimulatorRoute("GET", f"{base}/authorize", self.authorize),
            SimulatorRoute("POST", f"{base}/authorize", self.submit_consent),
            SimulatorRoute("POST", f"{base}/token", self.token),
        )

    def clear(self, emails: Sequence[str]) -> None:
        """Delete everything except these accounts."""
        self.emails = list(emails)
        for each in (self.other_emails, self.access, self.refresh, self._codes):
            each.clear()

    def configuration(self, _: SimulatedRequest, tenant: str) -> SimulatedResponse:
        """Return the OpenID configuration; for common accounts the issuer depends on the tenant."""
        shared = tenant in ("common", "organizations")
        base = f"{self.url()}/{tenant}"
        return json_response(
            {
                "issuer": f"{self.url()}/{'{tenantid}' if shared else tenant}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "response_modes_supported": ["query", "fragment", "form_post"],
                "response_types_supported": ["code", "id_token", "code id_token"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    def instance(self, _: SimulatedRequest) -> SimulatedResponse:
        """Return the URL of the OpenID configuration."""
        where = f"{self.url()}/common/v2.0/.well-known/openid-configuration"
        return json_response({"tenant_discovery_endpoint": where, "api-version": "1.1"})

    def keys(self, _: SimulatedRequest, tenant: str) -> SimulatedResponse:  # noqa: ARG002 - all tenants share the keys
        """Return the keys that sign id tokens."""
        return json_response(self.id_tokens.jwks())

    def authorize(self, request: SimulatedRequest, tenant: str) -> SimulatedResponse:  # noqa: ARG002 - all tenants are served
        """Return the page; `auto=allow` or `auto=deny` decides at once, for `login_hint`."""
        query = request.query
        if wrong := problem(query, self.client_id):
            return html_response(f"<h1>{wrong}</h1>", status=400)
        if "login_hint" in query:
            self.add_account(query["login_hint"])
        if "auto" in query:
            email = query.get("login_hint") or self.emails[0]
            return self._decided(query, email, allowed=query["auto"] == "allow")
        return html_response(page(query, self.emails))

    def submit_consent(self, request: SimulatedRequest, tenant: str) -> SimulatedResponse:  # noqa: ARG002 - all tenants are served
        """Handle the posted consent page."""
        form = request.form
        if wrong := problem(form, self.client_id):
            return html_response(f"<h1>{wrong}</h1>", status=400)
        return self._decided(form, form["account"], allowed=form["decision"] == "allow")

    def token(self, request: SimulatedRequest, tenant: str) -> SimulatedResponse:  # noqa: ARG002 - all tenants are served
        """Redeem a code or a refresh token; an old refresh token stays valid."""
        form, fault = request.form, request.fault
        if fault.get("kind") == "aadsts":
            return token_error(fault["code"], fault.get("error", "invalid_grant"))
        if form.get("client_id") != self.client_id:
            return token_error(700016, "unauthorized_client")
        if not hmac.compare_digest(form.get("client_secret", ""), self.client_secret):
            return token_error(7000215, "invalid_client", status=401)
        if form.get("grant_type") == "authorization_code":
            return self._redeem(form)
        if form.get("grant_type") == "refresh_token":
            return self._renew(form, rotates=fault.get("kind") != "no_refresh_token")
        return token_error(900144, "invalid_request")

    def bearer_token(self, request: SimulatedRequest) -> MicrosoftToken | None:
        """Return the request's access token, or None when it is unknown or expired."""
        return self.access.get(request.bearer or "")

    def grant(self, email: str, scopes: frozenset[str]) -> tuple[str, str]:
        """Return an access token and a refresh token, as after a consent."""
        self.add_account(email)
        record = MicrosoftToken(email, scopes)
        access, refresh = f"EwB{secrets.token_urlsafe(32)}", f"0.AX{secrets.token_urlsafe(40)}"
        self.access[access] = self.refresh[refresh] = record
        return access, refresh

    def expire_access_tokens(self) -> None:
        """Expire every access token; refresh tokens stay valid."""
        self.access.clear()

    def end_grant(self, email: str) -> None:
        """Revoke every token of the account, as a new password does."""
        for tokens in (self.access, self.refresh):
            for text in [text for text, record in tokens.items() if record.email == email]:
                del tokens[text]

    def add_account(self, email: str) -> None:
        """Create an account with that address unless it exists."""
        if email not in self.emails:
            self.emails.append(email)

    def _decided(
        self, parameters: Mapping[str, str], email: str, *, allowed: bool
    ) -> SimulatedResponse:
        back = {"state": parameters["state"]} if "state" in parameters else {}
        if not allowed:
            content = {"error": "access_denied", "error_subcode": "cancel", **back}
            return redirect(f"{parameters['redirect_uri']}?{urlencode(content)}")
        self.add_account(email)
        code = f"1.AX{secrets.token_urlsafe(64)}"
        self._codes[code] = _MicrosoftCode(email=email, parameters=dict(parameters))
        content = {"code": code, **back, "session_state": str(uuid.uuid4())}
        return redirect(f"{parameters['redirect_uri']}?{urlencode(content)}")

    def _redeem(self, form: Mapping[str, str]) -> SimulatedResponse:
        code = self._codes.pop(form.get("code", ""), None)
        if code is None:
            return token_error(54005, "invalid_grant")
        if form.get("redirect_uri") != code.parameters["redirect_uri"]:
            return token_error(500112, "invalid_client")
        if not verifier_matches(form.get("code_verifier", ""), code.parameters):
            return token_error(501481, "invalid_grant")
        return self._tokens(
            code.email, code.parameters["scope"], nonce=code.parameters.get("nonce")
        )

    def _renew(self, form: Mapping[str, str], *, rotates: bool) -> SimulatedResponse:
        record = self.refresh.get(form.get("refresh_token", ""))
        if record is None:
            return token_error(700082, "invalid_grant")
        scope = form.get("scope") or " ".join(record.scopes)
        if not set(scope.split()) <= record.scopes:
            return token_error(65001, "invalid_grant")
        return self._tokens(record.email, scope, rotates=rotates)

    def _tokens(
        self, email: str, scope: str, *, nonce: str | None = None, rotates: bool = True
    ) -> SimulatedResponse:
        scopes = frozenset(scope.split())
        access, refresh = self.grant(email, scopes)
        content: dict[str, object] = {
            "token_type": "Bearer",
            "scope": " ".join(sorted(scopes - _NOT_LISTED)),
            "expires_in": LIFETIME_SECONDS,
            "ext_expires_in": LIFETIME_SECONDS,
            "access_token": access,
        }
        if "offline_access" in scopes and rotates:
            content["refresh_token"] = refresh
        if "openid" in scopes:
            content["id_token"] = self._id_token(email, scopes, nonce)
        if "profile" in scopes:
            content["client_info"] = client_info(email)
        return json_response(content)

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
            claims["email"] = self.other_emails.get(email, email)
        if nonce is not None:
            claims["nonce"] = nonce
        return self.id_tokens.signed(claims)


def token_error(code: int, error: str, *, status: int = 400) -> SimulatedResponse:
    """Return an error of the token endpoint."""
    content = {
        "error": error,
        "error_description": f"AADSTS{code}: simulated. Trace ID: {uuid.uuid4()}",
        "error_codes": [code],
        "timestamp": "2026-01-01 00:00:00Z",
        "trace_id": str(uuid.uuid4()),
        "correlation_id": str(uuid.uuid4()),
    }
    return json_response(content, status=status)
