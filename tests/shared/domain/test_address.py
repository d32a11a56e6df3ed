import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.address import Mailbox, normalise, parse_mailbox


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ada@example.org", "ada@example.org"),
        ("Ada.Lovelace+x@Example.ORG", "Ada.Lovelace+x@example.org"),
        ("!#$%&'*+/=?^_`{|}~-@example.org", "!#$%&'*+/=?^_`{|}~-@example.org"),
        ("a@bücher.de", "a@xn--bcher-kva.de"),
        ("a@BÜCHER.de", "a@xn--bcher-kva.de"),
        ("a@bu\u0308cher.de", "a@xn--bcher-kva.de"),
        ("a@XN--Bcher-Kva.de", "a@xn--bcher-kva.de"),
        ("a@例え。テスト", "a@xn--r8jz45g.xn--zckzah"),
        (f"{'a' * 64}@example.org", f"{'a' * 64}@example.org"),
        (f"a@{'b' * 63}.org", f"a@{'b' * 63}.org"),
    ],
)
def test_the_domain_of_an_address_becomes_lower_case_ascii(text: str, expected: str) -> None:
    assert expected == normalise(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "ada@",
        "@example.org",
        "a@b@example.org",
        "a@localhost",
        "a@example.org.",
        "a@x..org",
        "a@-x.org",
        "a@x-.org",
        "a@x_y.org",
        "a@192.0.2.1",
        "a@[192.0.2.1]",
        f"{'a' * 65}@example.org",
        f"a@{'b' * 64}.org",
        f"a@{'b' * 63}.{'c' * 63}.{'d' * 63}.{'e' * 63}",
        ".a@example.org",
        "a.@example.org",
        "a..b@example.org",
        "ü@example.org",
        '"a b"@example.org',
        '"a"@example.org',
        "a b@example.org",
        "a(b)@example.org",
        "a\\b@example.org",
        "a,b@example.org",
        "a@example.org,b@example.org",
        "a@example.org;b@example.org",
        "Ada <ada@example.org>",
        "<ada@example.org>",
        "ada@example.org <eve@evil.example>",
        "@evil.example:ada@example.org",
        "a%0d%0aBcc@example.org\r\n",
        "a@example.org\n",
        "a@example.org\r\nBcc: eve@evil.example",
        "a\r\n@example.org",
        "a\x00@example.org",
        "a@exam\u00adple.org",
        "a@exam\u200bple.org",
        "a@\u202egro.elpmaxe",
        "a\uff20example.org",
        "a@example.org\u2028",
        "a@\u2100.org",
        "a@straße.de",
        "a@xn--\u00fc.de",
        "a@xn--a\u00e9.de",
        "a@xn--99999999.de",
        " ada@example.org",
        "ada@example.org ",
    ],
)
def test_an_address_ses_cannot_send_to_is_rejected_with_a_reason(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(must|has) "):
        normalise(text)


@given(st.text() | st.from_regex(r"[^@]{1,9}@[^@]{1,9}\.[^@]{2,5}", fullmatch=True))
def test_any_text_gives_one_plain_ascii_address_or_an_error(text: str) -> None:
    try:
        result = normalise(text)
    except ValueError:
        return

    assert result == normalise(result)
    assert result.isascii()
    assert result.isprintable()
    assert 1 == result.count("@")
    assert not set(result.partition("@")[0]) & set(' "(),:;<>[]\\')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sessions@example.org", Mailbox(None, "sessions@example.org")),
        ("<sessions@Example.org>", Mailbox(None, "sessions@example.org")),
        ("Sessions <sessions@example.org>", Mailbox("Sessions", "sessions@example.org")),
        ('"Coaching, Inc." <s@example.org>', Mailbox("Coaching, Inc.", "s@example.org")),
        ("Träume <s@bücher.de>", Mailbox("Träume", "s@xn--bcher-kva.de")),
    ],
)
def test_a_sender_may_have_a_name(text: str, expected: Mailbox) -> None:
    assert expected == parse_mailbox(text)


@pytest.mark.parametrize(
    "text",
    ["", "Sessions", "A <a@example.org> b", "A\r\nB <a@example.org>", "A <a b@example.org>"],
)
def test_an_invalid_sender_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(must|has) "):
        parse_mailbox(text)


def test_the_domain_of_a_sender_is_the_part_after_the_at() -> None:
    assert "example.org" == parse_mailbox("Sessions <sessions@example.org>").domain
