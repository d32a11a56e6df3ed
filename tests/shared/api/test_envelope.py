import json

from shared.api.envelope import success
from shared.domain.connection import Provider


def test_a_response_is_the_envelope_in_compact_utf8() -> None:
    sent = success({"title": "Überblick 🗓", "provider": Provider.GOOGLE}, "Done.", status=201)

    expected = (
        '{"success":true,"message":"Done.","data":{"title":"Überblick 🗓","provider":"google"}}'
    )
    assert (201, expected) == (sent.status_code, sent.body)


def test_text_that_is_not_valid_utf8_is_escaped() -> None:
    data = {"title": "half \ud83d", "provider": Provider.GOOGLE}

    body = success(data, "Done.").body

    assert body
    assert body.isascii()
    assert data == json.loads(body)["data"]
