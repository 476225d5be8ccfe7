"""All checks together: each by itself, those that wait for others at the same time, and none for longer than it may."""

from __future__ import annotations

import queue
import threading
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from portal.adapters.domain_records import DomainRecords
from portal.adapters.following import StoreFollower
from portal.adapters.ledger.health import database_trouble
from portal.adapters.mail import Sender, SmtpMailer
from portal.adapters.object_store import ObjectStore
from portal.adapters.stripe.health import API_VERSION, StripeHealth
from portal.adapters.stripe.own_address import fetch, send_self_test
from portal.doctor import (
    address_checks,
    ledger_checks,
    mail_checks,
    mail_record_checks,
    page_checks,
    publish_checks,
    reminder_checks,
    setting_checks,
    stripe_checks,
)
from portal.doctor.findings import Finding, Look
from portal.payments.reconciliation import to_look_at
from portal.settings.mail_addresses import wire_address
from portal.wiring.mail import smtp_server
from portal.wiring.portal import LEDGER_FILE, MAIL_FOLDER, now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from portal.adapters.stripe import StripeGateway
    from portal.adapters.stripe.own_address import Answered
    from portal.settings.mail import MailSettings
    from portal.settings.publish import PublishSettings
    from portal.wiring.portal import Portal

LONGEST_SECONDS = 45.0
"""How long all checks together may take."""
_MAIL_SECONDS = 10.0
_ALARMS, _DATABASE, _ITSELF = Look("alarms"), Look("database"), "examination"
_WEBHOOK_PATH = "/webhooks/stripe"


@dataclass(frozen=True, slots=True)
class Examined:
    """What is examined.

    Attributes:
        portal: on a copy of its ledger, from ``portal.rehearsing``, so that no check can change anything.
        publish: where pages are copied to; the portal of a rehearsal has no such place.
        gateway: how Stripe is asked; None without a key.
        seconds: how long all of it may take.
    """

    portal: Portal
    publish: PublishSettings
    gateway: StripeGateway | None
    seconds: float = LONGEST_SECONDS


def examine(examined: Examined) -> tuple[Finding, ...]:
    """Every check, in the order in which they are best read; what fails is a finding too."""
    elsewhere = {name: _Begun(check) for name, check in _elsewhere(examined).items()}
    deadline = time.monotonic() + examined.seconds
    here = [finding for name, check in _here(examined).items() for finding in _guarded(name, check)]
    return (*here, *(finding for name, begun in elsewhere.items() for finding in begun.findings(name, deadline)))


def _here(examined: Examined) -> Mapping[str, Callable[[], Iterable[Finding]]]:
    """The checks that ask nobody."""
    portal = examined.portal
    settings, folders, ledger, today = portal.settings, portal.folders, portal.ledger, portal.today()
    invoices = {one.key: one for one in portal.invoices_as_built(ledger.invoice_sources())}
    return {
        "addresses": partial(setting_checks.look_at_addresses, settings),
        "host of the pages": partial(setting_checks.look_at_host, settings),
        "senders of forms": partial(setting_checks.look_at_proxies, settings),
        "keys": partial(setting_checks.look_at_keys, settings),
        "private files": partial(setting_checks.look_at_private_files, folders.state),
        "database": partial(_look_at_database, portal),
        "ledger facts": partial(ledger_checks.look_at_facts, ledger, invoices, today),
        "reservations": partial(ledger_checks.look_at_holds, ledger, invoices, today, now()),
        "payment plans": partial(ledger_checks.look_at_plans, ledger, now()),
        "alarms": partial(_look_at_alarms, portal),
        "daily work": partial(page_checks.look_at_routine, ledger, now(), asks_stripe=examined.gateway is not None),
        "reminder ladder": partial(reminder_checks.look_at_reminders, portal, tuple(invoices.values())),
        "output folder": partial(publish_checks.look_at_output, folders.output),
        "nothing secret": partial(page_checks.look_for_secrets, folders.output, _secrets_of(portal)),
        "pages": partial(page_checks.look_at_pages, portal),  # last, for it rehearses a build on the copy
    }


def _elsewhere(examined: Examined) -> Mapping[str, Callable[[], Iterable[Finding]]]:
    """The checks that wait for somebody's answer."""
    portal, gateway = examined.portal, examined.gateway
    settings = portal.settings
    mail = partial(mail_checks.look_at_mail, settings.mail, _log_in(portal), str(portal.folders.state / MAIL_FOLDER))
    pages = partial(address_checks.look_at_address, settings, portal.folders.output, fetch)
    store = partial(_look_at_store, portal, examined.publish)
    mails: dict[str, Callable[[], Iterable[Finding]]] = {"mail server": mail, **_mail_records(settings.mail)}
    if gateway is None:
        return {"pages' address": pages, "object store": store, **mails}
    health = StripeHealth(gateway)
    checks: dict[str, Callable[[], Iterable[Finding]]] = {
        "pages' address": pages,
        "object store": store,
        "Stripe account": partial(stripe_checks.look_at_account, health, now),
        "key's rights": partial(stripe_checks.look_at_rights, health, settings),
    }
    url, secret = settings.live_url + _WEBHOOK_PATH, gateway.settings.webhook_secret
    if not settings.payments.by_links:
        checks["webhook at Stripe"] = partial(stripe_checks.look_at_endpoint, health, url, API_VERSION)
    if not settings.payments.by_links and secret is not None:
        send = partial(_self_test, url, live=gateway.settings.is_live)
        checks["webhook here"] = partial(stripe_checks.look_at_webhook, send, url, secret.get_secret_value())
    return {**checks, **mails}


def _mail_records(mail: MailSettings | None) -> Mapping[str, Callable[[], Iterable[Finding]]]:
    """A check of the domain that mails come from, where they leave through a server."""
    if mail is None or mail.host is None:
        return {}
    domain = wire_address(mail.sender).rpartition("@")[2]
    return {"mail records": partial(mail_record_checks.look_at_records, domain, DomainRecords().texts_at)}


def _look_at_store(portal: Portal, publish: PublishSettings) -> Iterator[Finding]:
    def differing() -> int:
        root, name = portal.folders.output, portal.publisher().name
        return StoreFollower(root, name, ObjectStore(publish), portal.ledger, lock=root).differences().count

    def ask(*, as_anybody: bool = False) -> None:
        ObjectStore(publish, as_anybody=as_anybody).ask()

    def write() -> None:
        ObjectStore(publish).try_writing()

    yield from publish_checks.look_at_store(publish.to, ask, write, partial(ask, as_anybody=True), differing)


def _self_test(url: str, secret: str | None, *, live: bool) -> Answered:
    return send_self_test(url, secret, now(), live=live)


def _log_in(portal: Portal) -> Callable[[], str | None]:
    mail = portal.settings.mail
    if mail is None or mail.host is None:
        return lambda: None
    sender = Sender(portal.settings.business.name, mail.sender)
    return SmtpMailer(smtp_server(mail), sender, answer_seconds=_MAIL_SECONDS, longest_seconds=_MAIL_SECONDS).log_in


def _secrets_of(portal: Portal) -> Mapping[str, bytes]:
    """What must never be public, by name."""
    settings = portal.settings
    set_ones = {
        "The Stripe key": settings.stripe.api_key,
        "The webhook secret": settings.stripe.webhook_secret,
        "The mail password": settings.mail.password if settings.mail else None,
        "The ledger's address": settings.ledger.url,
    }
    texts = {name: secret.get_secret_value().encode() for name, secret in set_ones.items() if secret}
    return {"The link key": portal.link_key, **{name: text for name, text in texts.items() if text}}


def _look_at_database(portal: Portal) -> Iterator[Finding]:
    address = portal.settings.ledger.url
    source = address.get_secret_value() if address else portal.folders.state / LEDGER_FILE
    trouble = database_trouble(source)
    if trouble:
        remedy = "Copy the state folder aside at once, then `portal restore` the newest backup and run `portal sync`."
        yield _DATABASE.problem(f"The ledger's database is damaged: {trouble}.", remedy)
    else:
        yield _DATABASE.ok("The ledger's database is whole.")


def _look_at_alarms(portal: Portal) -> Iterator[Finding]:
    waiting = list(to_look_at(portal.ledger, portal.today()))
    if waiting:
        what = f"Alarms that wait for you: {len(waiting)}, the first: {waiting[0].problem}"
        yield _ALARMS.warning(what, "`portal alarms` lists them, each with what to do.")
    else:
        yield _ALARMS.ok("No alarm waits for you.")


def _guarded(name: str, check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """The findings of a check; where it breaks off, that."""
    try:
        return list(check())
    except Exception as error:  # noqa: BLE001  one check that fails must not hide the others
        what = f"This check broke off: {type(error).__name__}: {error}"
        return [Look(name).problem(what, "Mend what it names and run it again; if it stays, report it.")]


class _Begun:
    """A check in a thread of its own, which ends with the process if it does not end before."""

    def __init__(self, check: Callable[[], Iterable[Finding]]) -> None:
        self._found: queue.SimpleQueue[list[Finding]] = queue.SimpleQueue()
        self._check = check
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self._found.put(_guarded(_ITSELF, self._check))

    def findings(self, name: str, deadline: float) -> list[Finding]:
        """What it found, or that nobody answered in time."""
        try:
            return self._found.get(timeout=max(deadline - time.monotonic(), 0.1))
        except queue.Empty:
            return [Look(name).problem("There was no answer in time.", "Look at the network, and run it again.")]
