import pytest

from shared.domain.web_address import check_addresses_in, check_web_address

PLAIN = [
    "https://meet.example.org/room?x=a@b#c",
    "HTTP://Meet.Example.org:8443/\xfc",
    "https://[::1]:8443/",
    "https://m\xfcnchen.example/",
    "https://mu\u0308nchen.example/",
    "https://xn--mnchen-3ya.example/",
    # Hosts wholly in Cyrillic, Greek, Arabic, Devanagari, Hangul, and Japanese next to Latin.
    "https://\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444/",
    "https://\u043f\u0440\u0438\u043c\u0435\u0440.example/",
    "https://\u03b1\u03b2\u03b3.gr/",
    "https://\u0645\u062b\u0627\u0644.\u0625\u062e\u062a\u0628\u0627\u0631/",
    "https://\u0909\u0926\u093e\u0939\u0930\u0923.\u092a\u0930\u0940\u0915\u094d\u0937\u093e/",
    "https://\ubaa8\uc784.kr/",
    "https://zoom\u4f8b\u3048\u30c6.example/",
]
DECEPTIVE = [
    "https://meet.example.org@evil.example/login",
    "https://meet.example.org:443@evil.example/",
    "https://user:password@meet.example.org/",
    "https://@meet.example.org/",
    "https://meet.example.org\uff20evil.example/",
    "https://meet.example.org\\@evil.example/",
    "https://meet.example.org%40evil.example/",
    "https://meet.\u0435xample.org/",
    "https://\uff45xample.org/",
    "https://\u0430\u0440\u0440\u04cf\u0435.com/",
    "https://\u03bf\u03ba.com/",
    "https://\u0661\u0662abc.org/",
    "https://goo\xadgle.example/",
    "https://goo\u200bgle.example/",
    "https://\U0001d41eexample.org/",
]


@pytest.mark.parametrize("address", PLAIN, ids=ascii)
def test_an_address_with_a_plain_host_is_accepted(address: str) -> None:
    check_web_address(address)
    check_addresses_in(f"Room 3 ({address}), first floor")


@pytest.mark.parametrize("address", DECEPTIVE, ids=ascii)
def test_an_address_whose_host_can_be_misread_is_rejected(address: str) -> None:
    with pytest.raises(ValueError, match="must"):
        check_web_address(address)
    with pytest.raises(ValueError, match="host"):
        check_addresses_in(f"Room 3 ({address}), first floor")


@pytest.mark.parametrize("separator", ["\u3002", "\uff0e", "\uff61", "\u2044", "\u2024"])
def test_a_character_that_looks_like_a_separator_is_not_part_of_a_host(separator: str) -> None:
    with pytest.raises(ValueError, match="must"):
        check_web_address(f"https://meet.example.org{separator}evil.example/")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada@example.org, room 3",
        "C:\\rooms\\3",
        "https://meet.example.org, then ada@example.org",
        "\u5730\u5740\uff1ahttps://meet.example.org\uff0c\u4e09\u697c",
        "https://meet.example.org\u3002",
        "\u201chttps://meet.example.org\u201d",
    ],
)
def test_a_text_may_have_addresses_and_punctuation_of_any_language(text: str) -> None:
    check_addresses_in(text)


def test_every_address_of_a_text_is_checked() -> None:
    with pytest.raises(ValueError, match="user name"):
        check_addresses_in("https://meet.example.org or HTTPS://meet.example.org@evil.example")
