"""What is proposed for a booking, and when it is sure: by the portal's own arithmetic of discounts, parts and fees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from portal.matching import Matcher, Proposal, Verdict
from portal.matching.names import return_id, transfer_id
from portal.receivables.bookings import Booking
from portal.receivables.discounts import Discount
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.invoice import Customer, DuePart, Successor
from portal.receivables.money import Money
from portal.receivables.terms import Terms
from portal.transfers.references import ReferenceKind, matching_form, reference_for

if TYPE_CHECKING:
    from portal.receivables.invoice import Invoice

Make = Callable[..., "Invoice"]
DAY = date(2026, 11, 19)
MOMENT = datetime(2026, 11, 20, 12, tzinfo=UTC)
TODAY = date(2026, 11, 21)
CUSTOMER = Customer("Sample Customer Ltd", "a@example.com")


def money(text: str) -> Money:
    return Money(int(Decimal(text) * 100), "GBP")


def came(amount: str, text: str = "", payer: str = "", day: date = DAY, key: str = "a/K1") -> Booking:
    return Booking(key, "line", money(amount), day, day, text, "s.xml", 7, payer=payer or None)


@dataclass
class Case:
    """Some invoices and what happened to them."""

    make: Make
    invoices: dict[str, Invoice] = field(default_factory=dict)
    entries: dict[str, list[Entry]] = field(default_factory=dict)

    def add(self, key: str, total: str, **fields: object) -> Case:
        given = {"customer": CUSTOMER, "total": money(total)} | fields
        self.invoices[key] = self.make(key=key, number=key, **given)
        return self

    def wrote(self, key: str, entry: Entry) -> Case:
        seq = 1 + sum(len(facts) for facts in self.entries.values())
        self.entries.setdefault(key, []).append(replace(entry, invoice_key=key, seq=seq))
        return self

    def propose(self, *bookings: Booking) -> tuple[Proposal, ...]:
        references = {matching_form(reference_for(key, ReferenceKind.RF).text): [key] for key in self.invoices}
        return Matcher(self.invoices, self.entries, references, TODAY).propose(bookings)

    def one(self, booking: Booking) -> tuple[Verdict, dict[str, str], str]:
        (found,) = self.propose(booking)
        return found.verdict, {one.invoice_key: one.amount.decimal_text for one in found.allocations}, found.why


@pytest.fixture
def case(make_invoice: Make) -> Case:
    return Case(make_invoice).add("1042", "840.00")


def paid(make_entry: Callable[..., Entry], external_id: str, amount: str = "840.00", on: date = DAY) -> Entry:
    return replace(make_entry(money(amount).minor, external_id=external_id), value_on=on, note="Bank, RF 77")


# ---- what names the invoice


def test_reference_and_amount_are_sure(case: Case) -> None:
    quoted = replace(came("840.00"), references=(reference_for("1042", ReferenceKind.RF).shown,))
    assert case.one(quoted)[:2] == (Verdict.SURE, {"1042": "840.00"})


def test_a_number_is_sure_with_the_exact_amount_alone(case: Case) -> None:
    assert case.one(came("840.00", "invoice 1042"))[0] is Verdict.SURE
    verdict, parts, why = case.one(came("800.00", "invoice 1042"))
    assert (verdict, parts) == (Verdict.CONFIRM, {"1042": "800.00"})
    assert "GBP 40.00 less than is left" in why
    verdict, _parts, why = case.one(came("850.00", "invoice 1042"))
    assert (verdict, "GBP 10.00 more than is left" in why) == (Verdict.CONFIRM, True)


def test_amount_and_name_are_only_proposed(case: Case) -> None:
    assert case.one(came("840.00", "thanks", "SAMPLE CUSTOMER"))[:2] == (Verdict.CONFIRM, {"1042": "840.00"})
    assert case.one(came("840.00", "thanks", "Somebody Else"))[:2] == (Verdict.UNMATCHED, {})


def test_a_short_number_needs_the_name_too(case: Case) -> None:
    case.add("17", "99.00")
    assert case.one(came("99.00", "17 chairs", "Nobody"))[0] is Verdict.CONFIRM
    assert case.one(came("99.00", "17 chairs", "Sample Customer"))[0] is Verdict.SURE


def test_another_currency_and_a_settled_invoice_get_no_money(case: Case, make_entry: Callable[..., Entry]) -> None:
    euros = replace(came("840.00", "1042"), amount=Money(84000, "EUR"))
    assert case.one(euros)[:2] == (Verdict.UNMATCHED, {})
    case.wrote("1042", make_entry(84000, external_id="pi_1"))
    verdict, parts, why = case.one(came("840.00", "1042"))
    assert (verdict, parts) == (Verdict.UNMATCHED, {})
    assert "which is paid" in why


def test_the_number_of_a_replaced_invoice_names_the_one_in_its_place(case: Case) -> None:
    case.add("1053", "286.00").add("1041", "300.00", replaced_by=Successor("1053", key="1053"), cancelled_on=DAY)
    assert case.one(came("286.00", "invoice 1041"))[:2] == (Verdict.SURE, {"1053": "286.00"})


# ---- the amount


def test_a_discount_counts_by_the_value_date_and_its_grace(make_invoice: Make) -> None:
    tier = Discount(date(2026, 11, 17), Decimal(2))
    case = Case(make_invoice).add("1042", "1000.00", terms=Terms(discounts=(tier,), value_days=2))
    assert case.one(came("980.00", "1042", day=date(2026, 11, 19)))[0] is Verdict.SURE
    assert case.one(came("1000.00", "1042", day=date(2026, 11, 10)))[0] is Verdict.SURE
    verdict, _parts, why = case.one(came("980.00", "1042", day=date(2026, 11, 20)))
    assert verdict is Verdict.CONFIRM
    assert "GBP 20.00 less than is left; it is what settled it until 2026-11-17" in why


def test_a_part_that_is_due_is_exact(make_invoice: Make) -> None:
    parts = (DuePart(date(2026, 11, 1), money("300.00")), DuePart(date(2027, 1, 1), money("540.00")))
    case = Case(make_invoice).add("1042", "840.00", parts=parts, due_on=date(2027, 1, 1))
    assert case.one(came("300.00", "1042"))[0] is Verdict.SURE
    assert case.one(came("310.00", "1042"))[0] is Verdict.CONFIRM


# ---- several invoices


def test_several_named_invoices_are_settled_together(case: Case) -> None:
    case.add("1043", "160.00")
    assert case.one(came("1000.00", "1042+1043"))[:2] == (Verdict.SURE, {"1042": "840.00", "1043": "160.00"})
    verdict, parts, _why = case.one(came("900.00", "1042+1043"))
    assert (verdict, parts) == (Verdict.CONFIRM, {"1042": "840.00", "1043": "60.00"})
    assert case.one(came("160.00", "1042+1043"))[:2] == (Verdict.CONFIRM, {"1043": "160.00"})


def test_one_named_and_the_amount_of_the_whole_statement(case: Case) -> None:
    case.add("1050", "160.00", due_on=date(2026, 12, 31)).add("1051", "5.00", due_on=date(2027, 1, 31))
    assert case.one(came("1000.00", "1042"))[:2] == (Verdict.CONFIRM, {"1042": "840.00", "1050": "160.00"})
    assert case.one(came("1005.00", "", "Sample Customer Ltd"))[0] is Verdict.CONFIRM


def test_money_that_came_first_is_looked_at_first_and_no_invoice_is_paid_twice(case: Case) -> None:
    late, early = came("840.00", "1042"), came("840.00", "1042", day=date(2026, 11, 2), key="a/K2")
    second, first = case.propose(late, early)
    assert (first.verdict, second.verdict) == (Verdict.SURE, Verdict.UNMATCHED)


# ---- what the ledger has already


def test_a_recorded_booking_is_known(case: Case, make_entry: Callable[..., Entry]) -> None:
    case.wrote("1042", paid(make_entry, transfer_id("a/K1")))
    assert case.one(came("840.00", "1042"))[0] is Verdict.KNOWN


def test_what_was_recorded_by_hand_is_never_recorded_silently(case: Case, make_entry: Callable[..., Entry]) -> None:
    case.add("1042", "1680.00").wrote("1042", paid(make_entry, "owner/1042/x", on=date(2026, 11, 16)))
    verdict, _parts, why = case.one(came("840.00", "1042"))
    assert verdict is Verdict.CONFIRM
    assert "perhaps recorded already: entry 1 of 1042 on 2026-11-16" in why


def test_by_hand_on_an_invoice_that_is_settled_by_it(case: Case, make_entry: Callable[..., Entry]) -> None:
    case.wrote("1042", paid(make_entry, "owner/1042/x"))
    assert "perhaps recorded already" in case.one(came("840.00", "1042"))[2]
    assert "perhaps recorded already" in case.one(came("840.00", "", "Sample Customer"))[2]
    assert "perhaps" not in case.one(came("840.00", "", "Somebody Else"))[2]


def test_two_payments_of_one_statement_are_not_each_other(case: Case, make_entry: Callable[..., Entry]) -> None:
    case.add("1042", "1680.00").wrote("1042", paid(make_entry, transfer_id("a/K1")))
    _known, other = case.propose(came("840.00", "1042"), came("840.00", "1042", key="a/K2"))
    assert other.verdict is Verdict.SURE


def test_a_batch_is_known_by_its_payments(case: Case, make_entry: Callable[..., Entry]) -> None:
    case.wrote("1042", paid(make_entry, transfer_id("a/B1/#1")))
    whole = replace(came("900.00", key="a/B1"), payments=2)
    assert case.one(whole)[0] is Verdict.KNOWN
    assert case.one(replace(whole, key="a/B2"))[:2] == (Verdict.UNMATCHED, {})


def test_money_that_came_before_the_invoice_was_issued_is_not_sure(make_invoice: Make) -> None:
    """Perhaps the day and the month of a table were taken for one another."""
    case = Case(make_invoice).add("1042", "840.00", issued_on=date(2026, 11, 20))
    verdict, parts, why = case.one(came("840.00", "1042"))
    assert (verdict, parts) == (Verdict.CONFIRM, {"1042": "840.00"})
    assert "1042 was issued only after the money came" in why
    assert case.one(came("840.00", "1042", day=date(2026, 11, 20)))[0] is Verdict.SURE


# ---- what goes back


def test_a_return_that_names_its_transfer_is_sure(case: Case, make_entry: Callable[..., Entry]) -> None:
    case.wrote("1042", paid(make_entry, transfer_id("a/ACSR-77001/GBP 840.00")))
    back = replace(came("840.00", key="a/ACSR-77001/return/GBP 840.00"), is_return=True)
    (found,) = case.propose(back)
    assert (found.verdict, [entry.seq for entry in found.undoes]) == (Verdict.SURE, [1])
    other = replace(came("840.00", "1042", "Bank", key="a/Z/return/GBP 840.00"), is_return=True)
    assert case.propose(other)[0].verdict is Verdict.CONFIRM
    assert case.propose(replace(other, amount=money("8.00")))[0].undoes == ()


def test_a_return_counts_once_and_the_transfer_is_not_proposed_again(
    case: Case, make_entry: Callable[..., Entry]
) -> None:
    case.wrote("1042", paid(make_entry, transfer_id("a/K1")))
    undone = replace(make_entry(84000, kind=EntryKind.REVERSAL, external_id=return_id("a/R")), reverses=1)
    case.wrote("1042", undone)
    back, credit = case.propose(replace(came("840.00", key="a/R"), is_return=True), came("840.00", "1042"))
    assert (back.verdict, credit.verdict) == (Verdict.KNOWN, Verdict.KNOWN)
    assert "until the bank took it back" in credit.why


def test_what_the_owner_has_undone_waits_for_their_word(case: Case, make_entry: Callable[..., Entry]) -> None:
    case.wrote("1042", paid(make_entry, transfer_id("a/K1")))
    case.wrote("1042", replace(make_entry(84000, kind=EntryKind.REVERSAL, external_id="owner/1042/1"), reverses=1))
    assert case.one(came("840.00", "1042"))[0] is Verdict.CONFIRM


# ---- what the bank corrects itself


def corrects(amount: str, name: str = "a/K1", key: str = "a/K2", *, deletes: bool = False, text: str = "") -> Booking:
    return replace(came(amount, text, key=f"{key}/{amount}"), corrects=name, is_return=deletes, line_id="fresh")


def recorded(case: Case, key: str, amount: str, name: str = "a/K1/GBP 840.00") -> Case:
    paid = Entry(EntryKind.PAYMENT, key, money(amount), MOMENT, transfer_id(name), value_on=DAY)
    return case.wrote(key, paid)


def test_a_movement_that_the_bank_deletes_or_replaces_in_one_statement_is_not_proposed(case: Case) -> None:
    first = came("840.00", "1042", key="a/K1/GBP 840.00")
    old, deletion = case.propose(first, corrects("840.00", deletes=True))
    assert (old.verdict, old.allocations) == (Verdict.CORRECTED, ())
    assert "deletes it again, with fresh" in old.why
    assert deletion.verdict is Verdict.CORRECTED
    old, new = case.propose(first, corrects("840.00", text="1042"))
    assert old.verdict is Verdict.CORRECTED
    assert (new.verdict, new.undoes) == (Verdict.SURE, ()), "it counts, once"


def test_what_was_recorded_is_taken_back_only_when_the_owner_says_so(case: Case) -> None:
    recorded(case, "1042", "840.00")
    (found,) = case.propose(corrects("0.00", deletes=True))
    assert (found.verdict, [entry.seq for entry in found.undoes]) == (Verdict.CONFIRM, [1])


@pytest.mark.parametrize(
    ("amount", "words"),
    [("840.00", "it settles it"), ("800.00", "it is GBP 40.00 less than is left"), ("900.00", "GBP 60.00 more than")],
)
def test_a_replacement_takes_the_place_on_the_same_invoice(case: Case, amount: str, words: str) -> None:
    recorded(case, "1042", "840.00")
    (found,) = case.propose(corrects(amount))
    assert found.verdict is Verdict.CONFIRM
    assert [entry.seq for entry in found.undoes] == [1]
    assert [(part.invoice_key, part.amount) for part in found.allocations] == [("1042", money(amount))]
    assert words in found.why


def test_a_replacement_over_several_invoices_and_a_chain_of_them(case: Case) -> None:
    case.add("1043", "60.00")
    recorded(recorded(case, "1042", "840.00"), "1043", "60.00")
    middle, last = corrects("900.00"), corrects("890.00", name="a/K2", key="a/K3")
    found = case.propose(middle, last)
    assert found[0].verdict is Verdict.CORRECTED
    assert [(part.invoice_key, part.amount) for part in found[1].allocations] == [
        ("1042", money("840.00")),
        ("1043", money("50.00")),
    ]


@pytest.mark.parametrize(("text", "verdict"), [("1042", Verdict.CONFIRM), ("", Verdict.UNMATCHED)])
def test_a_replacement_of_what_was_never_read_is_new_and_for_the_owner_to_confirm(
    case: Case, text: str, verdict: Verdict
) -> None:
    """The owner may have recorded the old one by hand; then both would count."""
    (found,) = case.propose(corrects("840.00", text=text))
    assert (found.verdict, found.undoes) == (verdict, ())
    assert "look whether you recorded that by hand" in found.why


def test_a_replacement_of_what_was_read_and_not_recorded_is_simply_new(case: Case) -> None:
    first = came("800.00", "of somebody", key="a/K1/GBP 800.00")
    old, new = case.propose(first, corrects("840.00", text="1042"))
    assert (old.verdict, new.verdict) == (Verdict.CORRECTED, Verdict.SURE)


def test_another_currency_is_only_taken_back(case: Case) -> None:
    recorded(case, "1042", "840.00")
    (found,) = case.propose(replace(corrects("840.00"), amount=Money(84000, "EUR")))
    assert (found.verdict, found.allocations, len(found.undoes)) == (Verdict.CONFIRM, (), 1)


def test_what_the_owner_has_undone_is_asked_again(case: Case) -> None:
    recorded(case, "1042", "840.00")
    case.wrote("1042", Entry(EntryKind.REVERSAL, "1042", money("840.00"), MOMENT, "owner/1042/x", reverses=1))
    (found,) = case.propose(corrects("840.00", text="1042"))
    assert (found.verdict, found.undoes) == (Verdict.CONFIRM, ())
    assert "was undone before" in found.why
