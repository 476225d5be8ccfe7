"""Stripe: whether it answers, whether its clock is ours, what the key may read, and where its webhooks go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.doctor.findings import Look
from portal.errors import GatewayError, GatewayUnreachableError
from portal.ports.provider_reports import HANDLED_EVENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime, timedelta

    from portal.adapters.stripe.health import Endpoint, StripeHealth
    from portal.adapters.stripe.own_address import Answered
    from portal.config import Settings
    from portal.doctor.findings import Finding

_ACCOUNT, _CLOCK, _RIGHTS = Look("Stripe account"), Look("clock"), Look("key's rights")
_ENDPOINT, _WEBHOOK = Look("webhook at Stripe"), Look("webhook here")
_WORTH_A_LOOK_SECONDS, _TOO_FAR_SECONDS = 30, 300
"""Stripe's signatures are refused when they are older than five minutes."""
_BAD_REQUEST = 400


def look_at_account(health: StripeHealth, now: Callable[[], datetime]) -> Iterator[Finding]:
    """Whether Stripe answers this key, and whether the two clocks agree."""
    try:
        theirs = health.clock()
    except GatewayUnreachableError as error:
        remedy = "Try again in a minute; then look at this machine's network, and at status.stripe.com."
        yield _ACCOUNT.problem(error.problems[0].problem, remedy)
        return
    except GatewayError as error:
        yield _ACCOUNT.problem(error.problems[0].problem, "Compare PORTAL_STRIPE_KEY with the keys in your Dashboard.")
        return
    yield _ACCOUNT.ok("Stripe answers, and takes the key.")
    if theirs is not None:
        yield clock_finding(now() - theirs)


def clock_finding(ahead: timedelta) -> Finding:
    """What it means that this machine's clock is ahead of Stripe's by so much; behind, where it is negative."""
    seconds = round(ahead.total_seconds())
    if abs(seconds) < _WORTH_A_LOOK_SECONDS:
        return _CLOCK.ok("This machine's clock agrees with Stripe's.")
    what = f"This machine's clock is {abs(seconds):,} seconds {'ahead of' if seconds > 0 else 'behind'} Stripe's."
    remedy = "Have it set over the network (timedatectl set-ntp true); webhooks are refused beyond five minutes."
    return (_CLOCK.problem if abs(seconds) >= _TOO_FAR_SECONDS else _CLOCK.warning)(what, remedy)


def look_at_rights(health: StripeHealth, settings: Settings) -> Iterator[Finding]:
    """Whether the key may read what the settings make it read. What it may write is seen only by writing."""
    invoices = settings.sources.stripe_invoices != "none"
    try:
        missing = health.unreadable(links=settings.payments.by_links, invoices=invoices)
    except GatewayError:
        yield _RIGHTS.skipped("Stripe could not be asked.", "Run it again when Stripe answers.")
        return
    if missing:
        what = f"The key may not read {', '.join(missing)}."
        yield _RIGHTS.warning(what, "Give it these rights in Stripe: docs/running.md lists them all.")
    else:
        yield _RIGHTS.ok("The key may read all that is needed. Its right to write is not tried.")


def look_at_endpoint(health: StripeHealth, url: str, version: str) -> Iterator[Finding]:
    """Whether Stripe sends its webhooks to ``url``, with the events the portal needs."""
    try:
        endpoints = health.endpoints()
    except GatewayError:
        yield _ENDPOINT.skipped("Stripe could not be asked.", "Run it again when Stripe answers.")
        return
    if endpoints is None:
        remedy = f"Look in your Dashboard that one leads to {url}; or let the key read Webhook Endpoints."
        yield _ENDPOINT.skipped("The key may not see the webhook endpoints, so they are not checked.", remedy)
        return
    yield from endpoint_findings([one for one in endpoints if one.url.rstrip("/") == url], url, version)


def endpoint_findings(ours: Sequence[Endpoint], url: str, version: str) -> Iterator[Finding]:
    """What is right and wrong about the endpoints that lead to ``url``."""
    enabled = [one for one in ours if one.is_enabled]
    if not enabled:
        what = "is switched off" if ours else "does not exist"
        remedy = "Switch it on in your Dashboard." if ours else "Make it as docs/running.md says."
        yield _ENDPOINT.problem(f"The webhook endpoint that leads to {url} {what} at Stripe.", remedy)
        return
    if len(enabled) > 1:
        what = f"{len(enabled)} webhook endpoints lead to {url}; only one of their secrets can be set here."
        yield _ENDPOINT.warning(what, "Remove all but one of them in Stripe.")
    events = frozenset().union(*(one.events for one in enabled))
    missing = sorted(HANDLED_EVENTS - events) if "*" not in events else []
    if missing:
        yield _ENDPOINT.warning(f"The webhook does not send {', '.join(missing)}.", "Add these events to it in Stripe.")
    other = [one.api_version for one in enabled if one.api_version not in {None, version}]
    if other:
        what = f"The webhook speaks Stripe's version {other[0]}, and the portal was made for {version}."
        yield _ENDPOINT.warning(what, "Make a new endpoint with that version, and set its secret here.")
    if not missing and not other and len(enabled) == 1:
        yield _ENDPOINT.ok(f"Stripe sends its webhooks to {url}, with every event that is needed.")


def look_at_webhook(send: Callable[[str | None], Answered], url: str, secret: str) -> Iterator[Finding]:
    """Whether what Stripe signs is taken at ``url``, and what nobody signed is refused there."""
    unsigned = send(None)
    if unsigned.status is None:
        remedy = "Start `portal serve`, and look at the web server in front and at the firewall."
        yield _WEBHOOK.problem(f"{url} cannot be reached from here: {unsigned.error}.", remedy)
        return
    if unsigned.status != _BAD_REQUEST:
        what = f"{url} answers an unsigned webhook with {unsigned.status}, where the portal answers 400."
        yield _WEBHOOK.problem(
            what, "Let the web server pass this address on to `portal serve`, body and headers whole."
        )
        return
    signed = send(secret)
    if signed.status is not None and 200 <= signed.status < 300:  # noqa: PLR2004  what is taken
        yield _WEBHOOK.ok(f"{url} takes a signed webhook and refuses an unsigned one.")
    else:
        what = f"{url} answers a webhook signed with this secret with {signed.status or signed.error}."
        remedy = "Start `portal serve` with the same PORTAL_STRIPE_WEBHOOK_SECRET and key as here; compare the clocks."
        yield _WEBHOOK.problem(what, remedy)
