from __future__ import annotations

import re

import pytest

from portal.markdown_text import html_of_notes, html_of_page

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![pixel](https://evil.example/p.png)",
    "[Pay now](https://evil.example)",
    "[x](javascript:alert(1))",
    '<a href="https://evil.example">Pay now</a>',
    "<https://evil.example>",
    "<form action=https://evil.example><input name=card></form>",
    "<iframe src=https://evil.example></iframe>",
    "<svg/onload=alert(1)>",
    "<math><mtext><script>alert(1)</script></mtext></math>",
    "<p style='position:fixed'>x</p>",
    "<p class=btn id=main onclick=alert(1)>x</p>",
    "<style>body{display:none}</style>",
    "<meta http-equiv=refresh content=0;url=https://evil.example>",
    "<base href=https://evil.example>",
    "<button formaction=https://evil.example>Pay</button>",
    "</section></main><h1>Paid</h1>",
    "`<script>alert(1)</script>`",
    "<!-- --><details open ontoggle=alert(1)>",
]


@pytest.mark.parametrize("source", HOSTILE)
def test_notes_carry_no_element_that_acts_or_loads(source: str) -> None:
    html = str(html_of_notes(source)).lower()
    for name in ("script", "img", "a", "form", "iframe", "svg", "style", "meta", "base", "button", "h1", "details"):
        assert not re.search(rf"<{name}\b", html)
    assert not re.search(r"<\w+\s", html)


def test_notes_keep_what_prose_needs() -> None:
    html = html_of_notes("Thank **you**.\n\n- one\n- two\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n`x < y`")
    assert "<strong>you</strong>" in html
    assert html.count("<li>") == 2
    assert "<td>2</td>" in html
    assert "<code>x &lt; y</code>" in html


def test_text_that_only_looks_like_html_is_shown_as_text() -> None:
    assert html_of_notes("5 < 6 & 7 > 2") == "<p>5 &lt; 6 &amp; 7 &gt; 2</p>"


def test_a_page_links_to_the_web_to_mail_and_to_a_phone_alone() -> None:
    html = html_of_page(
        "# Terms\n\n[site](https://example.com) [mail](mailto:a@example.com) [call](tel:01632960142) "
        "[bad](javascript:alert(1)) [plain](http://example.com) [file](data:text/html,x)"
    )
    assert "<h1>Terms</h1>" in html
    assert '<a href="https://example.com" rel="noreferrer">site</a>' in html
    assert '<a href="mailto:a@example.com"' in html
    assert '<a href="tel:01632960142"' in html
    for scheme in ("javascript:", "http:", "data:"):
        assert scheme not in html


@pytest.mark.parametrize("source", HOSTILE)
def test_a_page_runs_and_loads_nothing_either(source: str) -> None:
    html = str(html_of_page(source)).lower()
    for forbidden in ("<script", "<img", "<form", "<iframe", "<svg", "<style", "<meta", "<base", "javascript:"):
        assert forbidden not in html


def test_each_source_is_rendered_once() -> None:
    before = html_of_notes.cache_info().hits
    assert html_of_notes("rendered once only") is html_of_notes("rendered once only")
    assert html_of_notes.cache_info().hits == before + 1
