"""What went wrong with money in comparable systems, each case with the test that it does not go wrong here.

The cases are from public issue threads: owner or repository and number name the thread.
"""

from __future__ import annotations

import ast
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from portal.receivables.money import Money

if TYPE_CHECKING:
    from world import World

HERE = "test_cases_from_the_field"
ORDERS = "payments/test_settlement_orders"
CASES = {
    "akaunting#259: reminded though paid": "mailing/test_reminding::test_who_has_paid_meanwhile_gets_none",
    "tendenci#1382: a reminder a day for ever": (
        "mailing/test_reminding::test_each_step_goes_out_once_and_the_missed_ones_never"
    ),
    "FreshBooks: 15 mails for five installments": (
        "mailing/test_reminding::test_several_invoices_are_one_mail_that_leads_to_their_statement"
    ),
    "invoiceninja#8974: at the wrong hour, in the wrong zone": (
        "mailing/test_reminded_lives::test_it_is_daytime_where_the_customer_lives"
    ),
    "odoo#29286, dolibarr#11966, erpnext#44346: asked for the whole total after a part payment": (
        f"{HERE}::test_after_a_part_payment_page_and_checkout_ask_for_the_rest"
    ),
    "BigAndini/ers#743: a paid link was still payable": (
        "live/test_app::test_a_paid_invoice_cannot_be_paid_again_from_an_old_page"
    ),
    "206Tours/DB#1934: a double click posted two payments": "live/test_app::test_double_click_meets_the_same_checkout",
    "Attendize#982: four fast clicks charged four times": f"{HERE}::test_four_fast_clicks_can_be_paid_once",
    "killbill#1015: an attempt of unknown outcome succeeded later": (
        "live/test_app::test_stripe_out_of_order_takes_nothing_and_the_next_click_works"
    ),
    "invoiceninja#7267: an overpayment must become a credit": (
        "receivables/test_balance::test_paid_beyond_what_was_due_is_kept_in_sight"
    ),
    "btcpayserver#7212: part-paid, then expired, stranded": (
        "payments/test_reconciliation::test_expired_checkouts_give_their_reservations_back"
    ),
    "btcpayserver#4242: the receipt of a $10 payment said $1,000": (
        f"{HERE}::test_ten_is_ten_on_the_page_and_at_the_checkout"
    ),
    "solidus_stripe#311: a leftover below the card minimum": (
        "receivables/test_offers::test_no_part_overpays_or_leaves_what_no_card_can_pay"
    ),
    "InvoicePlane#1677: yen were charged times 100": "receivables/test_money::test_yen_are_not_multiplied",
    "invoiceninja#2853: 35 became 3,500.00 where commas are decimal": f"{HERE}::test_thirty_five_stays_thirty_five",
    "erpnext#26951: 30,000 in three came to 0.20 too much or too little": (
        "receivables/test_plan_offers::test_thirty_thousand_in_three_is_neither_too_much_nor_too_little"
    ),
    "invoiceninja#11348: a schedule vanished on a missed day": (
        "payments/test_collection::test_a_missed_run_is_made_up_for_in_one_charge"
    ),
    "invoiceninja#8307: a surcharge was left behind by an abandoned checkout": (
        f"{HERE}::test_an_abandoned_checkout_leaves_nothing_behind"
    ),
    "hcb#4138: the link was dead exactly when the customer was late": (
        f"{HERE}::test_who_is_late_can_still_open_and_pay"
    ),
    "Ghost#12347, invoiceninja#7496: mail scanners and plain visits used a link up": (
        f"{HERE}::test_visits_use_nothing_up"
    ),
    "Paymenter#1260: money was taken but the invoice stayed open, since only the webhook marked it": (
        "live/test_app::test_the_return_page_alone_is_enough"
    ),
    "frappe/press#277: events out of order un-paid an invoice": (
        f"{ORDERS}::test_every_order_of_six_events_gives_one_ledger"
    ),
    "gameserverapp#1216: a bank debit was read as failed, and the customer paid again": (
        "live/test_app::test_a_bank_debit_is_on_its_way_and_then_there"
    ),
    "Paymenter#709: a refund left it paid": (
        "payments/test_reconciliation::test_a_refund_from_the_desk_reaches_the_page"
    ),
    "pretix#343: the refund of one of two charges marked all refunded": (
        "receivables/test_balance::test_a_refund_of_one_of_two_charges_leaves_the_other"
    ),
    "pretix#1166: confirmed twice by return page and webhook at once": (
        "payments/test_reconciliation::test_webhook_and_return_page_at_once_are_one_payment"
    ),
    "pretix#1189: the same idempotency key saves the race": (
        "faults/test_checkout_races::test_clicks_at_once_share_one_checkout"
    ),
    "pretix#1230: pending for ever after the provider had cancelled": (
        "payments/test_reconciliation::test_what_changes_long_after_it_was_made_is_seen_by_a_later_sync"
    ),
    "eventyay#1924: two marks as paid at once were two payments": (
        f"{ORDERS}::test_every_event_doubled_at_every_place_gives_one_ledger"
    ),
    "OpenFoodNetwork#3925: money was taken and there was no order": (
        f"{ORDERS}::test_money_on_an_invoice_that_is_gone_is_kept_and_told"
    ),
    "Kill Bill: the reversal of a chargeback came before the chargeback": (
        "receivables/test_balance::test_a_reinstatement_before_its_withdrawal_is_no_new_money"
    ),
    "convene#1138: the webhook was faster than the redirect": (
        "live/test_app::test_the_webhook_alone_is_enough_and_the_page_follows_within_a_second"
    ),
    "Solidus#192: an event of the test world on the live one": (
        "adapters/stripe/test_gateway::test_a_test_event_is_refused_by_a_live_portal"
    ),
    "invoiceninja#4854: a payment was refused because the balance is under the minimum": (
        "receivables/test_offers::test_a_balance_near_the_minimum_can_still_be_paid_whole"
    ),
    "a fee that wrongly compounded": "receivables/test_prices::test_interest_runs_on_what_is_open_and_never_on_itself",
    "liberapay#952: form-action blocked the hop to Stripe": (
        "hosting/test_headers::test_forms_lead_to_the_live_app_and_on_to_the_checkout"
    ),
    "Netlify: a host lower-cased the names of files": f"{HERE}::test_no_address_depends_on_capital_letters",
}
"""Each case, and the test for it: its file below ``tests`` and its name. Reminders have cases of their own."""


@cache
def _tests_in(name: str) -> frozenset[str]:
    tree = ast.parse((Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("case", CASES)
def test_each_case_has_its_test(case: str) -> None:
    file, _, name = CASES[case].partition("::")
    assert name in _tests_in(file), f"{case}: {file} has no {name}"


def _asked_at(world: World, url: str) -> int:
    """What a checkout asks for, in minor units, by the provider's own books."""
    answer = requests.get(
        f"{world.url}/sandbox/v1/checkout/sessions/{url.rpartition('/')[2]}",
        headers={"Authorization": "Bearer sk_test_auditor"},
        timeout=10,
    )
    asked: int = answer.json()["amount_total"]
    return asked


def test_after_a_part_payment_page_and_checkout_ask_for_the_rest(world: World) -> None:
    """odoo#29286, dolibarr#11966, erpnext#44346."""
    world.come_back(world.at_checkout(world.pay(want="part", amount="300", confirmed="1").headers["Location"]))
    assert "£540.00" in world.page()
    assert _asked_at(world, world.pay().headers["Location"]) == 54000


def test_four_fast_clicks_can_be_paid_once(world: World) -> None:
    """Attendize#982."""
    urls = [world.pay().headers["Location"] for _ in range(4)]
    for url in urls:
        world.come_back(world.at_checkout(url))
    assert [entry.amount for entry in world.entries()] == [Money(84000, "GBP")]


def test_ten_is_ten_on_the_page_and_at_the_checkout(world: World) -> None:
    """btcpayserver#4242."""
    world.invoice("1050", total="10.00", currency="USD")
    world.build()
    url = world.pay("1050").headers["Location"]
    assert _asked_at(world, url) == 1000
    world.come_back(world.at_checkout(url))
    page = world.page("1050")
    assert "10.00" in page
    assert "1,000" not in page
    assert [entry.amount for entry in world.entries("1050")] == [Money(1000, "USD")]


def test_thirty_five_stays_thirty_five(world: World) -> None:
    """invoiceninja#2853."""
    rows = "Number;Customer;Total;Currency;Due\n1051;Ada;35;EUR;2026-10-31\n1052;Ada;1.234,50;EUR;2026-10-31\n"
    world.write("invoices/open.csv", rows)
    world.build()
    assert _asked_at(world, world.pay("1051").headers["Location"]) == 3500
    assert _asked_at(world, world.pay("1052").headers["Location"]) == 123450


def test_an_abandoned_checkout_leaves_nothing_behind(world: World) -> None:
    """invoiceninja#8307."""
    before, balance = world.page(), world.balance()
    world.pay()
    world.pay(want="part", amount="300", confirmed="1")
    world.build()
    assert world.entries() == ()
    assert world.balance() == balance
    assert world.page() == before


def test_who_is_late_can_still_open_and_pay(world: World) -> None:
    """hcb#4138."""
    world.serve_again(date(2027, 11, 1))
    world.build()
    world.come_back(world.at_checkout(world.pay().headers["Location"]))
    assert not world.balance().amount_remaining


def test_visits_use_nothing_up(world: World) -> None:
    """Ghost#12347, invoiceninja#7496."""
    url = world.pay().headers["Location"]
    for _ in range(3):
        requests.head(world.open().url_of("1042"), timeout=10)
        requests.get(world.open().url_of("1042"), timeout=10)
        requests.get(url, timeout=10)
    assert world.entries() == ()
    world.come_back(world.at_checkout(url))
    assert [entry.amount for entry in world.entries()] == [Money(84000, "GBP")]


def test_no_address_depends_on_capital_letters(world: World) -> None:
    """A 2019 report on Netlify: names of files came out in small letters."""
    path = world.open().path_of("1042")
    assert path == path.lower()
