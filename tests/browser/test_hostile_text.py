"""Two hundred hostile texts in every field that reaches a page: each is shown as it was typed, and nothing runs."""

from __future__ import annotations

import itertools
import json
import re
from typing import TYPE_CHECKING

import pytest
import requests
from checks import PHONE
from looking import looking
from staging import TERMS, furnish
from states import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser
    from world import World

pytestmark = pytest.mark.browser
_BREAKS = ("", "'>", '">', "</p>", "</style>", "</title>", "-->", "]]>", "&lt;", "\\")
_PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=//evil.example/x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "<a href=javascript:alert(1)>pay</a>",
    "<form action=//evil.example><button>Pay",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<style>@import '//evil.example/x.css';</style>",
    "<base href=//evil.example/>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<template><script>alert(1)</script></template>",
    "<math><mi xlink:href='javascript:alert(1)'>x",
    "{{ 7 * 7 }}{% raw %}",
    "%(amount)s %s %n",
    "${alert(1)} `x`",
    "javascript:alert(1)//",
    "&#x3c;script&#x3e;alert(1)",
    "\N{HEBREW LETTER ALEF}<b>gnp.x\N{FULLWIDTH LESS-THAN SIGN}script\N{FULLWIDTH GREATER-THAN SIGN}",
)
HOSTILE = [start + payload for start, payload in itertools.product(_BREAKS, _PAYLOADS)]
SETTINGS = """
[limits]
per_link = 1000
per_address = 10000
[privacy]
host = {0}
[payments]
cheque_to = {1}
cheque_address = {2}
other = {3}
[[plans]]
payments = 3
"""
INVOICE = """+++
number = "H{place}"
issued_on = 2026-10-01
due_on = 2026-10-31
currency = "GBP"
total = "840.00"
subject = {0}
reference = {1}
terms = {2}
customer = {{ name = {3} }}

[[lines]]
description = {4}
unit = {5}
quantity = "2"
amount = "840.00"

[[payments]]
amount = "10.00"
paid_on = 2026-10-02
method = {6}
+++

{notes}
"""
FIELDS = 7


def quoted(text: str) -> str:
    """A text as a string of TOML."""
    return json.dumps(text, ensure_ascii=False)


def furnished(world: World) -> None:
    """A portal of which every free text is hostile, each text at several places."""
    texts = itertools.cycle(HOSTILE)
    furnish(world)
    for name in ("terms", "privacy"):
        world.write(f"pages/{name}.md", TERMS + "\n\n".join(HOSTILE))
    file = world.folders.content / "portal.toml"
    settings = file.read_text(encoding="utf-8")
    for field in ("name", "legal_name", "address", "tax_number", "summary"):
        said = f"{field} = {quoted(next(texts))}"
        settings = re.sub(rf"(?m)^{field} = .*$", said.replace("\\", r"\\"), settings)
    own = (quoted(next(texts)) for _ in range(SETTINGS.count("{")))
    bank = f"account_name = {quoted(next(texts))}\nbank_name = {quoted(next(texts))}\n"
    world.write("portal.toml", settings + bank + SETTINGS.format(*own))
    for place in range(len(HOSTILE) // FIELDS + 1):
        some = [quoted(next(texts)) for _ in range(FIELDS)]
        world.write(
            f"invoices/H{place}.md", INVOICE.format(*some, place=place, notes=HOSTILE[place * FIELDS % len(HOSTILE)])
        )


def pages(world: World) -> Iterator[State]:
    """Every published page, and what the live app answers to hostile amounts."""
    for file in sorted(world.folders.output.rglob("*.html")):
        path = file.relative_to(world.folders.output).as_posix().removesuffix("index.html")
        yield kept(path, requests.get(f"{world.url}/{path}", timeout=10))
    yield from answers(world)
    hidden = world.form(world.page("1042"))
    for text in HOSTILE[::3]:
        fields = hidden | {"want": "part", "amount": text[:60]}
        yield kept(text, requests.post(f"{world.url}/pay", data=fields, timeout=10))


def answers(world: World) -> Iterator[State]:
    """What customers say in their own words, and plans read back whose words name the business and the invoice."""
    batches = [HOSTILE[start : start + FIELDS] for start in range(0, len(HOSTILE), FIELDS)]
    for place, some in enumerate(batches):
        token = world.open().token_of(f"H{place}")
        said = {"token": token, "want": "problem", "reason": "other", "words": "\n".join(some)}
        answered = kept(f"H{place} answered", requests.post(f"{world.url}/answer", data=said, timeout=10))
        assert "<blockquote" in answered.text, answered.text
        yield answered
        yield kept(f"H{place} with words", requests.get(f"{world.url}/i/{token}/", timeout=10))
        chosen = {"token": token, "shown": "GBP 830.00", "want": "choose", "plan": "3-monthly-automatic"}
        check = kept(f"H{place} spread", requests.post(f"{world.url}/plan", data=chosen, timeout=10))
        assert 'name="agreed"' in check.text, check.text
        yield check


def kept(name: str, answer: requests.Response) -> State:
    headers = {key: value for key, value in answer.headers.items() if key.lower() != "content-length"}
    return State(name, answer.url, answer.status_code, headers, answer.content)


def test_nothing_runs_and_nobody_else_is_asked(world: World, browser: Browser) -> None:
    furnished(world)
    report = world.build()
    assert not report.problems, report.problems[:3]
    world.serve_again()
    problems = []
    seen = ""
    with looking(browser, viewport=PHONE) as tab:
        for state in pages(world):
            page = tab.show(state, opened=True)
            problems += [f"{state.name}: {one}" for one in tab.complaints]
            problems += [f"{state.name} asks for {one}" for one in tab.requests if one != state.address]
            if page.locator(
                "script, iframe, base, object, template, link[rel=stylesheet], main meta, main style"
            ).count():
                problems.append(f"{state.name} took markup for markup")
            if page.evaluate("document.querySelectorAll('form').values().some(one => !one.action.startsWith(origin))"):
                problems.append(f"{state.name} has a foreign form")
            seen += page.evaluate("document.documentElement.innerText") if "/i/" in state.url else ""
    assert not problems, "\n".join(problems)
    assert [text for text in HOSTILE if flat(text) not in flat(seen)] == []


def flat(text: str) -> str:
    """A text whose spaces do not matter."""
    return re.sub(r"\s+", "", text)
