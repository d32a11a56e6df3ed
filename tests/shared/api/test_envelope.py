import json

from shared.api.envelope import answer
from shared.domain.connection import Provider


def test_an_answer_is_the_envelope_in_compact_utf8() -> None:
    told = answer({"title": "Überblick 🗓", "provider": Provider.GOOGLE}, "Done.", status=201)

    expected = (
        '{"success":true,"message":"Done.","data":{"title":"Überblick 🗓","provider":"google"}}'
    )
    assert (201, expected) == (told.status_code, told.body)


def test_text_that_is_no_utf8_is_told_by_its_escapes() -> None:
    data = {"title": "half \ud83d", "provider": Provider.GOOGLE}

    body = answer(data, "Done.").body

    assert body
    assert body.isascii()
    assert data == json.loads(body)["data"]
