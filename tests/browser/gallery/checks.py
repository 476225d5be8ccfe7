"""What has to hold for a page that is being looked at: each check lists what is wrong with it."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from portal.links.sealing import unseal_script

if TYPE_CHECKING:
    from collections.abc import Callable

    from looking import Looker
    from states import State

BUDGET_BYTES = 14 * 1024
"""Compressed; what fits into the first answer of a new connection (RFC 6928)."""
_OK = 200
PHONE = {"width": 390, "height": 844}
_RUNS = "script, iframe, object, embed, [style], [onclick], [onerror], [onload]"
_OUTER = "all => all.map(one => one.outerHTML)"
_OUR_SCRIPT = f"<script>{unseal_script()}</script>"
_SMALL = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea, summary')]
    .filter(one => one.checkVisibility() && !one.classList.contains('skip'))
    .map(one => [one, (one.type === 'checkbox' && one.closest('label') || one).getBoundingClientRect()])
    .map(([one, box]) => ({
        words: one.outerHTML.slice(0, 90),
        least: getComputedStyle(one).display === 'inline' ? 18 : 44,
        wide: box.width,
        high: box.height,
    }))
    .filter(one => one.wide < 24 || one.high < one.least)
    .map(one => `${one.words} is ${one.wide} by ${one.high}`)"""
_EDGELESS = """() => [...document.querySelectorAll('.btn')]
    .filter(one => getComputedStyle(one).borderTopStyle === 'none' || getComputedStyle(one).borderTopWidth === '0px')
    .map(one => one.outerHTML.slice(0, 90))"""
_FILLS = "new Set([...document.querySelectorAll('.bar rect')].map(one => getComputedStyle(one).fill)).size"
_FOCUSABLE = """() => [
    ...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary'),
].filter(one => one.checkVisibility()).length"""
_FOCUS = """() => {
    const one = document.activeElement, style = getComputedStyle(one), all = [...document.querySelectorAll('*')];
    return [all.indexOf(one), one.outerHTML.slice(0, 90), style.outlineStyle, parseFloat(style.outlineWidth)];
}"""


@dataclass(frozen=True)
class Check:
    """One check, with the window it looks through and a fault that it has to find.

    Attributes:
        problems: lists what is wrong with a state.
        fault: what in a page's HTML is replaced by what to make it wrong.
        window: options of the browser's context.
    """

    problems: Callable[[Looker, State], list[str]]
    fault: tuple[str, str]
    window: dict[str, Any] = field(default_factory=lambda: {"viewport": PHONE})


def accessible(tab: Looker, state: State) -> list[str]:
    """Nothing that axe-core knows stands in anybody's way."""
    tab.show(state, opened=True)
    return tab.violations()


def readable(tab: Looker, state: State) -> list[str]:
    """Nothing is too pale; in another scheme only colours are others, so only they are looked at."""
    tab.show(state, opened=True)
    return tab.violations(["color-contrast", "color-contrast-enhanced", "link-in-text-block"])


def small(tab: Looker, state: State) -> list[str]:
    """One small request, without anything that runs, to nobody else, and the browser has nothing to say."""
    page = tab.show(state, opened=True)
    over = len(gzip.compress(state.body)) - BUDGET_BYTES
    return [
        *(f"asks for {address}" for address in tab.requests if address != state.address),
        *([f"is {over} bytes too large"] if over > 0 else []),
        *(f"could run {one}" for one in page.locator(_RUNS).evaluate_all(_OUTER) if one != _OUR_SCRIPT),
        *tab.complaints,
    ]


def fits(tab: Looker, state: State) -> list[str]:
    """Nothing is wider than the window."""
    return _too_wide(tab.show(state, opened=True))


def grows(tab: Looker, state: State) -> list[str]:
    """Text alone enlarged to 200 %, as phones do, reflows (WCAG 1.4.4)."""
    page = tab.show(state, opened=True)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    return _too_wide(page)


def reachable(tab: Looker, state: State) -> list[str]:
    """Targets are 44 px high where they stand alone; links in running text are as high as their line."""
    page = tab.show(state, opened=True)
    found: list[str] = page.evaluate(_SMALL)
    return found


def visible_in_forced_colours(tab: Looker, state: State) -> list[str]:
    """Where the system sets the colours, buttons keep an edge and the bar shows how far it is filled."""
    page = tab.show(state)
    edgeless: list[str] = page.evaluate(_EDGELESS)
    return edgeless if page.evaluate(_FILLS) in {0, 2} else [*edgeless, "the bar is of one colour"]


def printable(tab: Looker, state: State) -> list[str]:
    """An invoice is one sheet, without anything to click; a page that asks again is for the screen.

    The payment part of a QR-bill is one more. Terms and what is said of privacy are as long as they are.
    """
    page = tab.show(state)
    page.emulate_media(media="print")
    sheets = len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))
    is_text = re.search(r"^[^/]+//[^/]+/(?:terms|privacy)/", state.url) is not None
    wanted = 2 if page.locator(".bill").count() else 1
    problems = [f"takes {sheets} sheets"] if sheets != wanted and state.status == _OK and not is_text else []
    if '<h1 id="stands"' in state.text:
        buttons = page.locator("button, .btn").filter(visible=True).count()
        problems += [f"prints {buttons} buttons"] if buttons else []
    return problems


def walkable(tab: Looker, state: State) -> list[str]:
    """The keyboard goes down the page to every target, and each stop is outlined.

    A field for a day is several stops; its inner ones are the browser's own.
    """
    page = tab.show(replace(state, url=state.address), opened=True)
    stops: dict[int, str] = {}
    problems: list[str] = []
    while len(stops) < page.evaluate(_FOCUSABLE):
        page.keyboard.press("Tab")
        place, words, outline, width = page.evaluate(_FOCUS)
        if place < max(stops, default=0):
            return [*problems, f"{words} comes out of order"]
        if place not in stops and (outline == "none" or width < 2):
            problems.append(f"{words} is not outlined")
        stops[place] = words
    return problems


def _too_wide(page: Any) -> list[str]:  # noqa: ANN401  a page
    wide, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return [f"is {wide} px wide in a window of {window}"] if wide > window else []


_NO_LANGUAGE = ('<html lang="en-GB">', "<html>")
_DARK_ON_DARK = ("</main>", '<p><font color="#333">not to be read</font></p></main>')
_WIDE = ("</main>", f"<pre>{'wide' * 99}</pre></main>")
CHECKS = {
    "accessible in light": Check(accessible, _NO_LANGUAGE, {"viewport": PHONE, "color_scheme": "light"}),
    "readable in dark": Check(readable, _DARK_ON_DARK, {"viewport": PHONE, "color_scheme": "dark"}),
    "one small request": Check(small, ("</main>", '<img src="https://example.com/x.png" alt=""></main>')),
    "fits 320 px": Check(fits, _WIDE, {"viewport": {"width": 320, "height": 500}}),
    "fits a phone": Check(fits, _WIDE),
    "fits at 200 %": Check(fits, _WIDE, {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2}),
    "text may grow": Check(grows, _WIDE, {"viewport": {"width": 640, "height": 844}}),
    "large enough for a thumb": Check(
        reachable, ('class="btn"', ""), {"viewport": PHONE, "has_touch": True, "is_mobile": True}
    ),
    "forced colours": Check(
        visible_in_forced_colours,
        ("</main>", '<svg class="bar"><rect/></svg></main>'),
        {"viewport": PHONE, "forced_colors": "active"},
    ),
    "prints on one sheet": Check(printable, ("</main>", f"{'<p>a line</p>' * 99}</main>")),
    "keyboard": Check(walkable, ("<main", '<a href="/" tabindex="5">first</a><main')),
}
