"""Connecting is bound to the browser that starts: its cookie, and what other browsers get."""

import hashlib
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from tests.support.api import ApiResponse, call
from tests.support.consent import consent
from tests.support.cookie_jar import CookieJar
from tests.support.oauth_flows import (
    BOTH,
    PAGE,
    TOKEN_PATH,
    OAuthSimulators,
    at,
    authorization_url,
    complete,
    confirmation,
    connections_of,
    day_sources,
    dump_but,
    follow_callback,
    is_private,
    query_of,
)
from tests.support.service import NOW, User, call_api, coach, dump, learner

pytestmark = pytest.mark.long

SECRET = r"[A-Za-z0-9_-]{43,}"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def cookie_name(state: str) -> str:
    return f"__Host-oauth-{hashlib.sha256(state.encode()).hexdigest()[:16]}"


class TestCookie:
    @pytest.mark.parametrize("provider", BOTH)
    def test_starting_sets_a_cookie_that_only_the_callback_of_this_flow_uses(
        self, simulators: OAuthSimulators, provider: str
    ) -> None:
        del simulators
        response = call_api("GET", f"/api/v1/auth/{provider}", coach())

        (header,) = response.cookies
        name = cookie_name(query_of(response.data["authorizationUrl"])["state"])
        attributes = "; Path=/; Max-Age=600; HttpOnly; Secure; SameSite=Lax"
        assert re.fullmatch(f"{name}={SECRET}{attributes}", header), header

    def test_explaining_how_to_connect_apple_sets_no_cookie(
        self, simulators: OAuthSimulators
    ) -> None:
        del simulators

        assert () == call_api("GET", "/api/v1/auth/apple", coach()).cookies

    def test_neither_cookie_nor_state_is_stored_in_plain_text(
        self, simulators: OAuthSimulators
    ) -> None:
        del simulators
        browser = CookieJar()
        url = authorization_url(coach(), "google", browser=browser)

        (cookie,) = browser.stored.values()
        stored = str(dump())
        assert (False, False) == (cookie.value in stored, query_of(url)["state"] in stored)

    @pytest.mark.parametrize("page", [None, PAGE])
    @pytest.mark.parametrize("changes", [{}, {"error": "access_denied"}, {"code": "made-up"}])
    def test_the_callback_deletes_the_cookie_whatever_its_outcome(
        self, simulators: OAuthSimulators, page: str | None, changes: dict[str, str]
    ) -> None:
        del simulators
        browser = CookieJar()
        url = authorization_url(coach(), "google", return_to=page, browser=browser)

        response = follow_callback(consent(url), browser=browser, **changes)

        name = cookie_name(query_of(url)["state"])
        attributes = "Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax"
        assert (f"{name}=; {attributes}",) == response.cookies
        assert {} == browser.stored

    def test_several_flows_of_one_browser_finish_in_any_order(
        self, simulators: OAuthSimulators
    ) -> None:
        del simulators
        who, browser = coach(), CookieJar()
        urls = [authorization_url(who, each, browser=browser) for each in [*BOTH, *BOTH]]
        assert 4 == len(browser.stored)

        statuses = [follow_callback(consent(url), browser=browser).status for url in urls[::-1]]

        assert [200] * 4 == statuses
        assert {} == browser.stored
        assert 2 == len(connections_of(who))

    def test_the_cookie_is_found_among_others_and_in_a_cookie_header(
        self, simulators: OAuthSimulators
    ) -> None:
        del simulators
        browser = CookieJar()
        location = urlsplit(consent(authorization_url(coach(), "google", browser=browser)))
        sent = browser.header(location.path)["Cookie"]
        others = f'a=b; __Host-oauth-0123456789abcdef=x; {sent}; odd="; c'

        response = call("GET", f"{location.path}?{location.query}", headers={"Cookie": others})

        assert 200 == response.status

    @pytest.mark.parametrize("value", ["", "made-up", "ä", "x" * 4000, '"quoted"'])
    def test_a_cookie_with_another_value_does_not_fit(
        self, simulators: OAuthSimulators, value: str
    ) -> None:
        who = coach()
        location = urlsplit(consent(authorization_url(who, "google")))
        cookie = f"{cookie_name(query_of(location.geturl())['state'])}={value}"

        response = call("GET", f"{location.path}?{location.query}", headers={"Cookie": cookie})

        assert (400, "INVALID_STATE") == (response.status, response.code)
        assert [] == connections_of(who) == simulators.requests_to("google", TOKEN_PATH["google"])

    def test_the_cookie_of_another_flow_does_not_fit(self, simulators: OAuthSimulators) -> None:
        del simulators
        own, other = CookieJar(), CookieJar()
        location = consent(authorization_url(coach(), "google", browser=own))
        authorization_url(coach(), "google", browser=other)
        (name,), (cookie,) = own.stored, other.stored.values()
        other.stored = {name: cookie}

        assert "INVALID_STATE" == follow_callback(location, browser=other).code
        assert 200 == follow_callback(location, browser=own).status


@pytest.mark.parametrize("provider", BOTH)
@pytest.mark.parametrize("page", [None, PAGE], ids=["no page", "page"])
class TestFixation:
    """An attacker's authorization URL, opened by a victim with the victim's account."""

    def test_the_victims_account_is_not_connected(
        self, simulators: OAuthSimulators, provider: str, page: str | None
    ) -> None:
        del simulators
        attacker, victim = coach(), coach()
        own, other = CookieJar(), CookieJar()
        url = authorization_url(attacker, provider, return_to=page, browser=own)
        location = consent(url)

        response = follow_callback(location, browser=other)

        assert self.is_harmless(response, page)
        assert ([], []) == (connections_of(attacker), connections_of(victim))

    def test_the_attackers_browser_cannot_finish_what_the_victim_granted(
        self, simulators: OAuthSimulators, provider: str, page: str | None
    ) -> None:
        del simulators
        attacker, own = coach(), CookieJar()
        url = authorization_url(attacker, provider, return_to=page, browser=own)
        follow_callback(consent(url), browser=CookieJar())

        for code in (None, "", "made-up"):
            state = query_of(url)["state"]
            path = f"/api/v1/auth/{provider}/callback"
            query = urlencode({"state": state, **({} if code is None else {"code": code})})
            call("GET", f"{path}?{query}", headers=own.header(path))

        assert [] == connections_of(attacker)

    def test_an_attackers_callback_connects_nothing_in_a_victims_browser(
        self, simulators: OAuthSimulators, provider: str, page: str | None
    ) -> None:
        """Login CSRF: the attacker's account must not become the victim's calendar."""
        del simulators
        attacker, victim, victims_browser = coach(), coach(), CookieJar()
        authorization_url(victim, provider, return_to=page, browser=victims_browser)
        location = consent(authorization_url(attacker, provider, return_to=page))

        response = follow_callback(location, browser=victims_browser)

        assert self.is_harmless(response, page)
        if page:
            assert "INVALID_STATE" == complete(victim, provider, confirmation(response)).code
        assert ([], []) == (connections_of(attacker), connections_of(victim))

    def test_a_foreign_callback_does_not_end_the_flow_of_the_user_who_started(
        self, simulators: OAuthSimulators, provider: str, page: str | None
    ) -> None:
        del simulators
        who, own = coach(), CookieJar()
        url = authorization_url(who, provider, return_to=page, browser=own)
        location = consent(url)

        for changes in ({"error": "access_denied"}, {"code": "made-up"}, {"code": None}):
            foreign = follow_callback(location, browser=CookieJar(), **changes)
            assert () == foreign.cookies
        other_provider = location.replace(f"/{provider}/", f"/{other_than(provider)}/")
        assert "INVALID_STATE" == follow_callback(other_provider, browser=CookieJar()).code

        assert (302 if page else 200) == follow_callback(location, browser=own).status
        assert ["active"] == [each["status"] for each in connections_of(who)]

    @pytest.mark.parametrize(
        "prefetch",
        [
            ("GET", "Sec-Purpose", "prefetch;prerender"),
            ("GET", "Purpose", "prefetch"),
            ("GET", "X-Moz", "prefetch"),
            ("HEAD", "Accept", "*/*"),
        ],
    )
    @pytest.mark.parametrize("cookies", ["with cookies", "without cookies"])
    def test_a_prefetch_of_the_callback_changes_nothing(
        self,
        simulators: OAuthSimulators,
        provider: str,
        page: str | None,
        prefetch: tuple[str, str, str],
        cookies: str,
    ) -> None:
        who, own = coach(), CookieJar()
        location = consent(authorization_url(who, provider, return_to=page, browser=own))
        before, parts = dump_but(), urlsplit(location)
        sent = own.header(parts.path) if cookies == "with cookies" else {}

        method, name, value = prefetch
        response = call(method, f"{parts.path}?{parts.query}", headers={**sent, name: value})

        assert (400, ()) == (response.status, response.cookies)
        assert before == dump_but()
        assert [] == simulators.requests_to(provider, TOKEN_PATH[provider])
        assert (302 if page else 200) == follow_callback(location, browser=own).status
        assert 1 == len(connections_of(who))

    def is_harmless(self, response: ApiResponse, page: str | None) -> bool:
        assert is_private(response.headers)
        if page is None:
            return (400, "INVALID_STATE") == (response.status, response.code)
        return (302, "confirm") == (
            response.status,
            query_of(response.headers["Location"])["status"],
        )


def other_than(provider: str) -> str:
    return next(each for each in BOTH if each != provider)


class TestAnotherBrowserWithoutAPage:
    def test_a_person_sees_a_page_that_says_to_start_again_from_the_app(
        self, simulators: OAuthSimulators
    ) -> None:
        del simulators
        page = self.opened(consent(authorization_url(coach(), "google")))

        assert (400, None, True) == (page.status, page.json, is_private(page.headers))
        assert "text/html; charset=utf-8" == page.headers["Content-Type"]
        assert "start connecting again" in page.body
        assert "nosniff" == page.headers["X-Content-Type-Options"]
        policy = page.headers["Content-Security-Policy"].split("; ")
        assert {"default-src 'none'", "base-uri 'none'", "form-action 'none'"} <= set(policy)
        assert "frame-ancestors 'none'" in policy
        assert not re.findall(r"https?:|<script|<img|<link|style", page.body)

    def test_the_page_does_not_show_whether_a_state_exists(
        self, simulators: OAuthSimulators
    ) -> None:
        del simulators
        location = consent(authorization_url(coach(), "google"))

        pages = [
            self.opened(location),
            self.opened(location.replace("state=", "state=x")),
            self.opened(location.replace("code=", "error=<script>&code=")),
            self.opened(location.replace("code=", "other=")),
        ]

        shown = {(each.status, each.body, str(each.lasting_headers)) for each in pages}
        assert 1 == len(shown)

    def test_programs_get_the_error_envelope(self, simulators: OAuthSimulators) -> None:
        del simulators
        response = follow_callback(
            consent(authorization_url(coach(), "google")), browser=CookieJar()
        )

        assert "INVALID_STATE" == response.code
        assert "again from the app" in response.json["message"]

    def opened(self, location: str) -> ApiResponse:
        parts = urlsplit(location)
        return call("GET", f"{parts.path}?{parts.query}", headers=BROWSER)


@pytest.mark.parametrize("provider", BOTH)
class TestCompletion:
    def test_the_user_who_started_finishes_what_another_browser_granted(
        self, simulators: OAuthSimulators, provider: str
    ) -> None:
        who = coach()
        redirect = self.consented_elsewhere(who, provider)
        assert [] == connections_of(who)

        response = complete(who, provider, confirmation(redirect))

        assert (200, True) == (response.status, is_private(response.headers))
        assert [response.data] == connections_of(who)
        assert (provider, "active") == (response.data["provider"], response.data["status"])
        assert ["ok"] == day_sources(who)
        assert 1 == len(simulators.requests_to(provider, TOKEN_PATH[provider]))

    def test_the_redirect_has_the_completion_code_and_no_token(
        self, simulators: OAuthSimulators, provider: str
    ) -> None:
        del simulators
        redirect = self.consented_elsewhere(coach(), provider)

        assert (302, True, ()) == (
            redirect.status,
            is_private(redirect.headers),
            redirect.cookies,
        )
        outcome = rf"\?tab=1&status=confirm&completion={SECRET}&provider={provider}#accounts"
        location = redirect.headers["Location"]
        assert re.fullmatch(f"https://app\\.example/calendars{outcome}", location), location

    def test_the_grant_is_stored_encrypted_under_a_digest(
        self, simulators: OAuthSimulators, provider: str
    ) -> None:
        completion = confirmation(self.consented_elsewhere(coach(), provider))

        server: Any = (
            simulators.google.authorization
            if provider == "google"
            else (simulators.microsoft.sign_ins)
        )
        stored = str(dump())
        secrets = [completion, *server.access, *server.refresh]
        assert [] == [each for each in secrets if each in stored]
        assert "completion#" in stored

    def test_another_users_attempt_connects_nothing_and_uses_the_code_up(
        self, simulators: OAuthSimulators, provider: str
    ) -> None:
        del simulators
        attacker, victim = coach(), learner()
        completion = confirmation(self.consented_elsewhere(attacker, provider))

        by_victim = complete(victim, provider, completion)
        by_attacker = complete(attacker, provider, completion)

        assert [(400, "INVALID_STATE")] * 2 == [
            (each.status, each.code) for each in (by_victim, by_attacker)
        ]
        assert by_victim.json["message"] == by_attacker.json["message"]
        assert ([], []) == (connections_of(attacker), connections_of(victim))

    def test_a_code_works_once(self, simulators: OAuthSimulators, provider: str) -> None:
        del simulators
        who = coach()
        completion = confirmation(self.consented_elsewhere(who, provider))

        codes = [complete(who, provider, completion).status for _ in range(2)]

        assert [200, 400] == codes

    def test_a_code_works_for_ten_minutes(self, simulators: OAuthSimulators, provider: str) -> None:
        del simulators
        who = coach()
        first, second = (self.consented_elsewhere(who, provider) for _ in range(2))

        with at(NOW + timedelta(minutes=10)):
            late = complete(who, provider, confirmation(first))
        with at(NOW + timedelta(minutes=10, microseconds=-1)):
            in_time = complete(who, provider, confirmation(second))

        assert (400, "INVALID_STATE", 200) == (late.status, late.code, in_time.status)

    def test_a_code_is_for_one_provider(self, simulators: OAuthSimulators, provider: str) -> None:
        del simulators
        who = coach()
        completion = confirmation(self.consented_elsewhere(who, provider))

        assert "INVALID_STATE" == complete(who, other_than(provider), completion).code
        assert [] == connections_of(who)

    def test_reloading_the_callback_does_not_send_the_code_again(
        self, simulators: OAuthSimulators, provider: str
    ) -> None:
        who = coach()
        location = consent(authorization_url(who, provider, return_to=PAGE))
        redirect, again = (follow_callback(location, browser=CookieJar()) for _ in range(2))

        assert "INVALID_STATE" == again.code
        assert 1 == len(simulators.requests_to(provider, TOKEN_PATH[provider]))
        assert 200 == complete(who, provider, confirmation(redirect)).status

    def test_a_failure_is_reported_to_the_page_without_connecting(
        self, simulators: OAuthSimulators, provider: str
    ) -> None:
        who = coach()
        location = consent(authorization_url(who, provider, return_to=PAGE))
        simulators.of(provider).break_next({"status": 500}, path="*/token", times=9)

        redirect = follow_callback(location, browser=CookieJar())

        outcome = query_of(redirect.headers["Location"])
        assert ("error", "PROVIDER_UNREACHABLE") == (outcome["status"], outcome["error"])
        assert "completion" not in outcome

    def consented_elsewhere(self, who: User, provider: str) -> ApiResponse:
        """Consent in a browser without the cookie; return the redirect to the page."""
        location = consent(authorization_url(who, provider, return_to=PAGE))
        return follow_callback(location, browser=CookieJar())


@pytest.mark.usefixtures("simulators")
@pytest.mark.parametrize("completion", ["", "ä", "a b", "x" * 129, 7, None, ["x"], ...])
def test_a_malformed_completion_code_is_rejected_without_quoting_it(completion: Any) -> None:
    body = {} if completion is ... else {"completion": completion}

    response = call_api("POST", "/api/v1/auth/google/complete", coach(), body=body)

    assert (400, "VALIDATION_ERROR") == (response.status, response.code)
    assert "x" * 129 not in str(response.json)


@pytest.mark.usefixtures("simulators")
def test_apple_has_nothing_to_complete() -> None:
    response = call_api(
        "POST", "/api/v1/auth/apple/complete", coach(), body={"completion": "made-up"}
    )

    assert (400, "VALIDATION_ERROR") == (response.status, response.code)


@pytest.mark.usefixtures("simulators")
def test_completing_needs_a_token() -> None:
    response = call_api("POST", "/api/v1/auth/google/complete", body={"completion": "made-up"})

    assert (401, "UNAUTHORIZED") == (response.status, response.code)
