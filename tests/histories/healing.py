"""The end of a history: everything arrives, everybody is asked, and nothing may be left open, lost or different."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from provider_facts import ProviderFacts
from shop import BEGINNING, PATIENCE

from portal.payments.reconciliation import reconcile
from portal.payments.syncing import sync

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ledger_view import Fact
    from shop import Shop

    from portal.adapters.stripe import StripeGateway

_LIVE = {"creating", "unknown", "open"}


def heal(shop: Shop) -> None:
    """Trouble is over: one door or the other brings everything in, and the books are closed."""
    shop.sandbox.faults.clear()
    shop.fate.spare()
    shop.wait(timedelta(hours=2))
    _understand_every_charge(shop)
    if len(shop.books.events()) % 2:
        _bring_every_webhook(shop)
    shop.sync(anew=True)
    shop.auditor.audit()
    # Nothing happens at the provider from here on, so what it lists is asked for once.
    gateway: Any = Remembering(shop.gateway)
    second = sync(gateway, shop.real_ledger, shop.now(), since=BEGINNING, patience=PATIENCE)
    assert second.found_nothing, f"I20: a second sync still had something to do: {second}"
    _nothing_is_lost_or_open(shop)
    found = reconcile(gateway, shop.real_ledger, shop.today(), patience=PATIENCE)
    assert found.differences == (), f"reconcile: {found.differences}"
    _a_ledger_made_anew_is_the_same(shop, gateway)


class Remembering:
    """The provider's lists as they were when each was first asked for, whatever the beginning."""

    def __init__(self, gateway: StripeGateway) -> None:
        self._gateway = gateway
        self._answers: dict[tuple[str, object], object] = {}

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever the gateway has
        asked = getattr(self._gateway, name)
        return partial(self._remembered, name, asked) if name.startswith("list_") else asked

    def _remembered(self, name: str, asked: Callable[..., object], since: object, after: object) -> object:
        if (name, after) not in self._answers:
            self._answers[name, after] = asked(since, after)
        return self._answers[name, after]


def _understand_every_charge(shop: Shop) -> None:
    """A key under which the provider stored a fault of its own says nothing else for a day."""
    shop.collect()
    shop.auditor.audit()
    if any(one.state == "begun" for one in shop.view.tries):
        shop.wait(timedelta(days=1))
        shop.collect()
        shop.auditor.audit()


def _bring_every_webhook(shop: Shop) -> None:
    for event in shop.books.events():
        if event["id"] not in shop.brought and event["type"].startswith(
            ("checkout.", "payment_", "charge.", "refund.")
        ):
            shop.deliver(event)
    shop.auditor.audit()


def _nothing_is_lost_or_open(shop: Shop) -> None:
    there = ProviderFacts(shop.books, shop.now()).movements()
    # Of what several invoices share, any of them may have none.
    wanted = {(*one, key) for one, parts in there.items() for key, minor in parts.items() if minor is not None}
    here = {(fact.kind, fact.external_id, fact.invoice_key) for fact in _known_to_the_provider(shop)}
    assert here >= wanted, f"I5: lost {wanted - here}"
    assert {one[:2] for one in here} == there.keys(), f"I5: lost {there.keys() - {one[:2] for one in here}}"
    open_ones = [hold for hold in shop.view.holds.values() if hold.state in _LIVE]
    assert open_ones == [], "I11: a reservation outlived its checkout"
    begun = [one for one in shop.view.tries if one.state == "begun"]
    assert begun == [], "I12: nobody knows what became of a charge"
    flagged = {key for key in shop.keys if shop.balance(key).is_disputed}
    disputed = {key for key in shop.keys if ProviderFacts(shop.books, shop.now()).is_disputed(key)}
    assert flagged == disputed, f"I10: flagged as disputed are {flagged}, and disputed are {disputed}"
    alarmed = {key for key, kind in shop.view.alarms() if kind == "overpaid"}
    silent = set(shop.auditor.overpaid_by_the_provider()) - alarmed
    assert silent == set(), f"I3: overpaid, and the owner was not told: {silent}"


def _a_ledger_made_anew_is_the_same(shop: Shop, gateway: Any) -> None:  # noqa: ANN401  one that remembers
    """I5, F3: the provider's side of the ledger can be had again from nothing but the provider's lists."""
    with closing(shop.new_ledger("anew.sqlite")) as anew:
        sync(gateway, anew, shop.now(), since=BEGINNING, patience=PATIENCE)
        rows = [
            (entry.kind.value, entry.external_id, entry.invoice_key, entry.amount.minor)
            for some in anew.entries_by_invoice().values()
            for entry in some
        ]
    known = [(f.kind, f.external_id, f.invoice_key, f.minor) for f in _known_to_the_provider(shop)]
    # Which of two refunds of one second came first may be told otherwise; what they come to together may not.
    assert _sums(rows) == _sums(known), "a ledger made anew differs"
    there = ProviderFacts(shop.books, shop.now())
    shared = {one for (_kind, one), parts in there.movements().items() if None in parts.values()}
    alone = [[row for row in some if row[1] not in shared] for some in (rows, known)]
    assert sorted(alone[0]) == sorted(alone[1]), "a ledger made anew differs"


def _known_to_the_provider(shop: Shop) -> list[Fact]:
    """What the ledger has from the provider, and the provider still tells."""
    there = ProviderFacts(shop.books, shop.now())
    return [fact for fact in shop.view.facts if fact.is_providers and not there.is_forgotten(fact.external_id)]


def _sums(rows: Iterable[tuple[str, str, str, int]]) -> Counter[tuple[str, str]]:
    sums: Counter[tuple[str, str]] = Counter()
    for kind, one, _key, minor in rows:
        sums[kind, one] += minor
    return sums
