"""The settings, seen as a whole: what each allows by itself may not fit together."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from portal.doctor.findings import Look
from portal.hosting.own_network import is_nearby
from portal.hosting.public_hosts import public_host_problems

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from portal.config import Settings
    from portal.doctor.findings import Finding

_ADDRESSES, _KEYS, _PRIVATE = Look("addresses"), Look("keys"), Look("private files")
_HOST, _PROXIES = Look("host of the pages"), Look("senders of forms")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_RESTRICTED = ("rk_live_", "rk_test_")


def look_at_addresses(settings: Settings) -> Iterator[Finding]:
    """Whether customers can reach the pages and the pay buttons. That nobody reads along, the settings see to."""
    addresses = {"portal.base_url": settings.portal.base_url}
    if not settings.payments.by_links and settings.live_url != settings.portal.base_url:
        addresses["portal.live_url"] = settings.live_url
    for name, address in addresses.items():
        if urlsplit(address).hostname in _LOOPBACK:
            what = f"{name} is {address}, which only this machine can open."
            remedy = "Set it to the address your customers will use."
            yield (_ADDRESSES.problem if settings.stripe.is_live else _ADDRESSES.warning)(what, remedy)
        else:
            yield _ADDRESSES.ok(f"{name} is {address}.")


def look_at_proxies(settings: Settings) -> Iterator[Finding]:
    """Whether those who send forms can be told apart. ``portal serve`` has no TLS, so another server ends it."""
    if settings.payments.by_links or not settings.live_url.startswith("https://"):
        return
    count = settings.portal.proxies
    if count == 0:
        what = "All requests seem to come from your web server, so nobody's forms are counted by their address."
        remedy = "Have that server add to X-Forwarded-For, as `portal headers nginx` does, and set portal.proxies = 1."
        yield _PROXIES.warning(what, remedy)
    else:
        yield _PROXIES.ok(f"The sender of a form is whom {count} of your servers named in X-Forwarded-For.")


def look_at_host(settings: Settings) -> Iterator[Finding]:
    """Whether the pages' files lie where others can read them, and then encrypted."""
    found = public_host_problems(settings)
    yield from (_HOST.problem(one.problem, one.remedy) for one in found)
    if not found:
        how = (
            "encrypted: who has the files and not the link reads nothing" if settings.links.encrypted else "as they are"
        )
        yield _HOST.ok(f"The pages lie at their host {how}.")


def look_at_keys(settings: Settings) -> Iterator[Finding]:
    """Which of Stripe's two worlds the key belongs to, and whether the webhook has its secret."""
    key, secret = settings.stripe.api_key, settings.stripe.webhook_secret
    if key is None:
        remedy = "Set PORTAL_STRIPE_KEY in the environment: docs/running.md says how to make one."
        if is_nearby(settings.live_url):
            what = "There is no Stripe key, so no real payment can be made; `portal serve` runs the sandbox."
            yield _KEYS.warning(what, remedy)
        else:
            yield _KEYS.problem("There is no Stripe key, so `portal serve` does not start at a public address.", remedy)
        return
    yield _KEYS.ok(f"The Stripe key is of the {'live' if settings.stripe.is_live else 'test'} world.")
    if not settings.stripe.is_live:
        yield _KEYS.warning(
            "With a test key no real money moves, and pages say so.", "Use a live key when you are ready."
        )
    if not key.get_secret_value().startswith(_RESTRICTED):
        remedy = "Make a restricted key as docs/running.md says, use it instead, and roll the other."
        yield _KEYS.warning("This key may do everything in your Stripe account.", remedy)
    if settings.payments.by_links:
        yield _KEYS.ok("Customers pay through payment links, so no webhook secret is needed.")
    elif secret is None:
        remedy = "Set PORTAL_STRIPE_WEBHOOK_SECRET to the signing secret that Stripe shows beside the webhook."
        yield _KEYS.problem("There is no webhook secret, so payments are seen only by `portal sync`.", remedy)
    elif not secret.get_secret_value().startswith("whsec_"):
        remedy = "Copy the endpoint's signing secret again; it starts with whsec_."
        yield _KEYS.problem("The webhook secret is none of Stripe's.", remedy)
    else:
        yield _KEYS.ok("There is a webhook secret.")


def look_at_private_files(state: Path) -> Iterator[Finding]:
    """Whether others on this machine can read the ledger or the links."""
    if not state.is_dir():
        yield _PRIVATE.skipped(f"There is no state folder at {state} yet.", "`portal build` makes it.")
        return
    readable = [path for path in (state, *sorted(state.glob("*"))) if stat.S_IMODE(path.stat().st_mode) & 0o077]
    open_to_others = state in readable
    if not open_to_others:
        yield _PRIVATE.ok(f"Only you can open the state folder {state}.")
        return
    inside = [path.name for path in readable if path != state and path.is_file()]
    named = f", and in it {', '.join(inside[:3])}" if inside else ""
    yield _PRIVATE.warning(f"Others on this machine can open the state folder {state}{named}.", f"chmod 700 {state}")
