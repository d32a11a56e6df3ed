import pytest

from infra.cors import is_origin


@pytest.mark.parametrize(
    "text", ["https://app.example.com", "http://127.0.0.1:3000", "http://[::1]:8080"]
)
def test_an_origin_is_a_scheme_and_a_host_with_an_optional_port(text: str) -> None:
    assert is_origin(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "null",
        "https://*",
        "https://*.example.com",
        "https://app.example.com/",
        "https://app.example.com/page",
        "https://app.example.com?x",
        "https://user@app.example.com",
        "https://App.example.com",
        "https://app.example.com:port",
        "https://",
        "ftp://app.example.com",
        "app.example.com",
        "http://[::1",
    ],
)
def test_anything_else_is_no_origin(text: str) -> None:
    assert not is_origin(text)
