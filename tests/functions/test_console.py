"""The console's page. tests/browser/test_console.py uses it."""

import re
from pathlib import Path

from functions.console import pages
from tests.functions.test_pages import digests


def bundle(folder: Path, script: str = "start();") -> Path:
    (folder / "console.js").write_text(script)
    (folder / "console.css").write_text("body { margin: 0 }")
    return folder


def test_the_policy_allows_the_bundle_by_digest_and_no_other_host(tmp_path: Path) -> None:
    page = pages.page(bundle(tmp_path))
    policy = dict(
        each.split(" ", 1) for each in page.headers["Content-Security-Policy"].split("; ")
    )

    styles = re.sub(r"<style data-fullcalendar>", "<style>", page.text)
    assert {
        "default-src": "'none'",
        "script-src": " ".join(digests("script", page.text)),
        "style-src": " ".join(digests("style", styles)),
        "img-src": "data:",
        "connect-src": "'self'",
        "font-src": "data:",
        "frame-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    } == policy
    assert "http" not in page.text


def test_a_script_cannot_end_its_element(tmp_path: Path) -> None:
    page = pages.page(bundle(tmp_path, 'x = "</script><!--";'))

    assert page.text.count("</script") == 1
    assert "<!--" not in page.text


def test_without_a_bundle_the_response_says_how_to_build_it(tmp_path: Path) -> None:
    missing = pages.console(None, bundle=tmp_path)

    assert missing.status_code == 503
    assert "make console" in str(missing.body)
    assert pages.console(None, bundle=bundle(tmp_path)).status_code == 200
