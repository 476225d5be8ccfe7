from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Literal

from portal.building.build import load_invoices
from portal.config import Payments, Settings
from portal.payees import keys_by_reference, look_over_references, payee_of, reference_of
from portal.receivables.invoice import BankAccount, DocumentKind, PaymentMeans
from portal.receivables.money import Money
from portal.settings.bank import Bank
from portal.settings.business import Business
from portal.transfers.references import ReferenceKind, matching_form

if TYPE_CHECKING:
    from collections.abc import Callable

    from world import World

    from portal.receivables.invoice import Invoice

    Make = Callable[..., Invoice]

BRITISH = Bank(sort_code="00-00-00", account_number="00000000")
GERMAN = Bank(iban="DE89370400440532013000")
SWISS_QR = Bank(iban="CH4431999123000889012")
FINNISH = Bank(iban="FI2112345600000785")
BELGIAN = Bank(iban="BE68539007547034")
NORWEGIAN = Bank(iban="NO9386011117947")


def owner(*banks: Bank, references: Literal["automatic", "national", "number"] = "automatic") -> Settings:
    return Settings(business=Business(name="B"), bank=banks, payments=Payments(references=references))


def quoted(invoice: Invoice, settings: Settings) -> tuple[ReferenceKind, str]:
    reference = reference_of(invoice, payee_of(invoice, settings), settings)
    return reference.kind, reference.text


def in_euros(make_invoice: Make, **fields: object) -> Invoice:
    return make_invoice(total=Money(84000, "EUR"), **fields)


def test_the_first_account_that_takes_the_currency(make_invoice: Make) -> None:
    settings = owner(BRITISH, GERMAN, SWISS_QR)
    found = {c: payee_of(make_invoice(total=Money(100, c)), settings) for c in ("GBP", "EUR", "CHF", "JPY")}
    ibans = {currency: payee.account.iban if payee else "none" for currency, payee in found.items()}
    assert ibans == {"GBP": None, "EUR": GERMAN.iban, "CHF": SWISS_QR.iban, "JPY": "none"}


def test_an_account_of_the_invoices_own_comes_first(make_invoice: Make) -> None:
    own = BankAccount("Elsewhere", iban="FR1420041010050500013M02606")
    payee = payee_of(in_euros(make_invoice, bank_account=own), owner(GERMAN))
    assert payee is not None
    assert payee.account is own


def test_a_reference_that_is_stated_is_taken_at_its_word(make_invoice: Make) -> None:
    stated = in_euros(make_invoice, payment_reference="Deb. 12345 / Fact. 9876543")
    assert quoted(stated, owner(GERMAN)) == (ReferenceKind.TEXT, "Deb. 12345 / Fact. 9876543")
    right = in_euros(make_invoice, payment_reference="RF18 5390 0754 7034")
    assert quoted(right, owner(GERMAN)) == (ReferenceKind.RF, "RF18539007547034")


def test_what_is_quoted_follows_the_account(make_invoice: Make) -> None:
    euros = in_euros(make_invoice)
    assert quoted(euros, owner(GERMAN)) == (ReferenceKind.RF, "RF971042")
    assert quoted(euros, owner(GERMAN, references="number")) == (ReferenceKind.TEXT, "1042")
    assert quoted(euros, owner(FINNISH, references="national")) == (ReferenceKind.FINNISH, "10427")
    assert quoted(euros, owner(BELGIAN, references="national"))[0] is ReferenceKind.BELGIAN
    assert quoted(euros, owner(GERMAN, references="national")) == (ReferenceKind.RF, "RF971042")
    kroner = make_invoice(total=Money(84000, "NOK"))
    assert quoted(kroner, owner(NORWEGIAN)) == (ReferenceKind.TEXT, "1042")
    assert quoted(kroner, owner(NORWEGIAN, references="national"))[0] is ReferenceKind.NORWEGIAN


def test_a_qr_iban_always_has_a_qr_reference(make_invoice: Make) -> None:
    francs = make_invoice(total=Money(84000, "CHF"))
    for references in ("automatic", "national", "number"):
        kind, text = quoted(francs, owner(SWISS_QR, references=references))
        assert (kind, text[-6:-1]) == (ReferenceKind.SWISS, "01042")


def test_a_british_reference_has_eighteen_characters_at_most(make_invoice: Make) -> None:
    assert quoted(make_invoice(number="INV 2026/1042"), owner(BRITISH)) == (ReferenceKind.TEXT, "INV 2026/1042")
    for number in ("1042 of a very long kind", "№ 1042"):
        kind, text = quoted(make_invoice(number=number, key=number), owner(BRITISH))
        assert (kind, len(text)) == (ReferenceKind.RF, 16)


def test_a_quoted_reference_leads_back_to_its_invoice(make_invoice: Make) -> None:
    invoices = [make_invoice(key="1042"), in_euros(make_invoice, key="HP-7", payment_reference="Fact. 77")]
    found = keys_by_reference(invoices, owner(BRITISH, GERMAN))
    assert found["1042"] == found["RF971042"] == ["1042"]
    assert found["FACT77"] == ["HP-7"]


def test_references_that_two_invoices_share_are_named_with_their_files(make_invoice: Make) -> None:
    one = in_euros(make_invoice, key="10-42", source="invoices/a.md")
    two = in_euros(make_invoice, key="1042", source="invoices/open.csv:7")
    (warning,) = look_over_references([one, two], owner(GERMAN))
    assert "10-42, 1042" in warning.problem
    assert (warning.file, warning.line, warning.field) == ("invoices/open.csv", 7, "reference")


def test_many_that_share_one_are_named_once(make_invoice: Make) -> None:
    sharing = [make_invoice(key=str(n), payment_reference="Customer 7") for n in range(9)]
    (warning,) = look_over_references(sharing, owner(BRITISH))
    assert "0, 1, 2 and 6 more" in warning.problem


def test_what_asks_for_no_transfer_shares_nothing(make_invoice: Make) -> None:
    first = make_invoice(payment_reference="X")
    others = [
        replace(first, key="2", kind=DocumentKind.CREDIT_NOTE),
        replace(first, key="3", cancelled_on=date(2026, 10, 9)),
        replace(first, key="4", means=PaymentMeans.DIRECT_DEBIT),
        replace(first, key="5", stated_due=Money(0, "GBP")),
        replace(first, key="6", total=Money(1, "JPY"), stated_due=Money(1, "JPY")),
    ]
    assert look_over_references([first, *others], owner(BRITISH)) == ()


def test_a_reference_that_the_payees_bank_refuses_is_named(make_invoice: Make) -> None:
    wrong = make_invoice(total=Money(100, "CHF"), payment_reference="HP-1042")
    (warning,) = look_over_references([wrong], owner(SWISS_QR))
    assert "not a right QR reference" in warning.problem
    assert look_over_references([in_euros(make_invoice, payment_reference="10428")], owner(FINNISH)) == ()
    kinds = look_over_references(
        [in_euros(make_invoice, payment_reference="10428")], owner(FINNISH, references="national")
    )
    assert "viitenumero" in kinds[0].problem


def test_the_build_warns_and_the_page_quotes_what_the_commands_say(world: World) -> None:
    toml = world.folders.content / "portal.toml"
    toml.write_text(toml.read_text() + '[bank]\niban = "DE89 3704 0044 0532 0130 00"\n', encoding="utf-8")
    world.invoice("1042", currency="EUR")
    world.invoice("10-42", currency="EUR")
    told = sorted(warning.problem for warning in world.build().warnings)
    assert ["could not be told apart" in problem for problem in told] == [False, True], told
    assert "GBP" in told[0], "the currency of 1042 has changed"
    assert "RF97 1042" in world.page("1042")
    portal = world.open()
    invoices = load_invoices(portal).invoices
    assert keys_by_reference(invoices, portal.settings)[matching_form("rf97 1042")] == ["10-42", "1042"]
