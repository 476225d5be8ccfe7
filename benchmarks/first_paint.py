"""When a customer on a slow phone sees the page: an invoice beside a page rebuilt to GOV.UK Pay's figures.

    python benchmarks/first_paint.py --rounds 7

A real headless Chromium, its network set to 400 kbit/s with 400 ms for each round trip, its processor slowed down four
times; pages in turn, nothing kept from one visit to the next. Printed are medians of first contentful paint and of the
load's end, requests and bytes as the browser counted them, and the ratio. ``stand_in.py`` says what the other page is.
"""

from __future__ import annotations

import argparse
import os
import shutil
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from measuring import Noise, conditions, markdown_table, report, spread
from page_weight import built_sample
from playwright.sync_api import sync_playwright
from stand_in import served

from portal.config import load_settings
from portal.hosting.headers import security_headers
from portal.theming.theme import theme_of

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, CDPSession

_PLACES = ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/usr/bin/chromium")
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
_SPEED = 400_000 / 8
"""Bytes a second, both ways."""
_ROUND_TRIP = 400
_SLOWED = 4
_PHONE = {"width": 390, "height": 844}
_TIMES = """() => new Promise(done => {
    const tell = () => {
        const paint = performance.getEntriesByName("first-contentful-paint")[0];
        const load = performance.getEntriesByType("navigation")[0].loadEventEnd;
        paint && load ? done([paint.startTime, load]) : setTimeout(tell, 50);
    };
    tell();
})"""


class Visit(NamedTuple):
    """Milliseconds until something was seen and until all was there; requests, and kilobytes on the way."""

    paint: float
    load: float
    requests: int
    kilobytes: float


def visit(browser: Browser, address: str) -> Visit:
    """Open a page for the first time."""
    context = browser.new_context(viewport=_PHONE, device_scale_factor=2, is_mobile=True, has_touch=True)
    page = context.new_page()
    session = context.new_cdp_session(page)
    received = _slow_down(session)
    page.goto(address, wait_until="load")
    paint, load = page.evaluate(_TIMES)
    page.wait_for_timeout(100)
    context.close()
    return Visit(paint, load, len(received), sum(received.values()) / 1000)


def _slow_down(session: CDPSession) -> dict[str, float]:
    """Make the connection and the processor slow; gives the bytes of each request, filled in as they come."""
    received: dict[str, float] = {}
    session.send("Network.enable")
    # A logo inside the page has a request of its own here, though nothing is sent for it.
    session.on("Network.requestWillBeSent", lambda it: _note(received, it["requestId"], it["request"]["url"]))
    speeds = {"downloadThroughput": _SPEED, "uploadThroughput": _SPEED}
    session.send("Network.emulateNetworkConditions", {"offline": False, "latency": _ROUND_TRIP, **speeds})
    session.send("Emulation.setCPUThrottlingRate", {"rate": _SLOWED})
    session.on("Network.loadingFinished", lambda it: _note(received, it["requestId"], size=it["encodedDataLength"]))
    return received


def _note(received: dict[str, float], request: str, url: str = "", size: float = 0) -> None:
    if url.startswith("http") or request in received:
        received[request] = size


def usual_page(folder: Path) -> bytes:
    """The invoice of the middle weight."""
    pages = sorted((path.read_bytes() for path in folder.glob("i/*/index.html")), key=len)
    return pages[len(pages) // 2]


def measure(rounds: int) -> tuple[dict[str, list[Visit]], Noise]:
    """Both pages in turn."""
    output = built_sample()
    settings = load_settings(output.parent / "content", {})
    headers = security_headers(settings, theme_of(settings).css_hashes)
    chromium = next(filter(None, map(shutil.which, _NAMES)), None) or next(filter(os.path.exists, _PLACES))
    visits: dict[str, list[Visit]] = {"invoice": [], "pay": []}
    noise = Noise()
    with served(usual_page(output), headers) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        visit(browser, f"{address}/invoice")  # the browser's own first start is not of the page
        for _ in range(rounds):
            noise.spin()
            for path, each in visits.items():
                each.append(visit(browser, f"{address}/{path}"))
        browser.close()
    return visits, noise


def main(rounds: int, *, write: bool) -> None:
    """Measure and print."""
    visits, noise = measure(rounds)
    names = {"invoice": "an invoice of the portal", "pay": "a page of GOV.UK Pay's figures"}
    rows = [
        [names[path], f"{each[0].requests}", f"{each[0].kilobytes:.1f}"]
        + [spread([getattr(one, name) / 1000 for one in each]) for name in ("paint", "load")]
        for path, each in visits.items()
    ]
    ratios = (
        median(getattr(theirs, name) / getattr(ours, name) for ours, theirs in zip(*visits.values(), strict=True))
        for name in ("paint", "load")
    )
    rows.append(["times as long", "", "", *(f"{ratio:.1f}" for ratio in ratios)])
    table = markdown_table(("", "requests", "KB on the way", "first paint, s", "all there, s"), rows)
    command = f"`python benchmarks/first_paint.py --rounds {rounds}`"
    slow = f"Chromium with 400 kbit/s, {_ROUND_TRIP} ms a round trip, processor slowed {_SLOWED} times"
    text = f"{command}; {slow}; medians, in brackets the smallest and largest. {conditions()}"
    report("paint", f"### First paint\n\n{text}\n\n{table}\n\n{noise}", write=write)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--write", action="store_true", help="also put the table into benchmarks/RESULTS.md")
    asked = parser.parse_args()
    main(asked.rounds, write=asked.write)
