"""What builds leave in the ledger, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from portal.adapters.ledger.sql_ledger import open_ledger
from portal.ports.builds import BuildRecord
from portal.receivables.invoice import StatedPayment

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.receivables.invoice import Invoice

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def test_a_changed_amount_is_kept_on_both_databases(ledger_address: str, make_invoice: Callable[..., Invoice]) -> None:
    ledger = open_ledger(ledger_address)
    first = make_invoice()
    ledger.replace_invoices([first], [])
    dearer = make_invoice(total=first.total + first.total)
    compared = ledger.compare_invoices([dearer, make_invoice(key="1043", number="1043")])
    assert (compared.new, dict(compared.changed), dict(compared.gone)) == (("1043",), {"1042": first}, {})
    ledger.replace_invoices([dearer], [])
    assert [claim.invoice for claim in ledger.earlier_claims("1042")] == [first]
    assert ledger.compare_invoices([]).gone == {"1042": dearer}
    ledger.close()


def test_another_date_or_customer_is_no_other_amount(ledger_address: str, make_invoice: Callable[..., Invoice]) -> None:
    ledger = open_ledger(ledger_address)
    first = make_invoice()
    ledger.replace_invoices([first], [])
    ledger.replace_invoices([replace(first, due_on=date(2027, 1, 1), gone_on=date(2026, 11, 21))], [])
    paid = (StatedPayment(first.total, date(2026, 11, 1)),)
    ledger.replace_invoices([replace(first, payments=paid, stated_due=first.total - first.total)], [])
    assert ledger.earlier_claims("1042") == (), "what was paid elsewhere is no other claim"
    ledger.close()


def test_the_newest_build_is_remembered(ledger_address: str) -> None:
    ledger = open_ledger(ledger_address)
    assert ledger.last_build() is None
    for days in (0, 1):
        ledger.record_build(BuildRecord(NOW + timedelta(days=days), date(2026, 11, 21), days))
    assert ledger.last_build() == BuildRecord(NOW + timedelta(days=1), date(2026, 11, 21), 1)
    ledger.close()
