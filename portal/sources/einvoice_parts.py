"""The repeated parts of an e-invoice: lines, allowances and charges, taxes, means of payment."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from stdnum import bic, iban

from portal.receivables.invoice import BankAccount, PaymentMeans, Tax
from portal.receivables.line_items import LineItem
from portal.sources.einvoice_fields import amount_of, element_of, plain, quantity_of
from portal.sources.findings import Place
from portal.sources.texts import line_of_text
from portal.transfers.accounts import claims_to_be_iban, is_iban

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.sources.findings import Findings
    from portal.sources.layout import ChargeLayout, Layout, MeansLayout, TaxLayout
    from portal.sources.xml_tree import Element

DIRECT_DEBIT_CODES = frozenset({"49", "59"})
"""Means of payment (BT-81, UNTDID 4461) by which the seller collects the money."""

UNITS = {
    "ANN": "years",
    "DAY": "days",
    "GRM": "g",
    "HUR": "h",
    "KGM": "kg",
    "KMT": "km",
    "KWH": "kWh",
    "LTR": "l",
    "MIN": "min",
    "MON": "months",
    "MTK": "m²",
    "MTQ": "m³",
    "MTR": "m",
    "TNE": "t",
    "WEE": "weeks",
}
"""Units (BT-130, UN/ECE Recommendation 20) that have a name people know; others are left out."""

_LONGEST_ACCOUNT = 34
_LONGEST_SCHEME = 10


def lines_of(root: Element, layout: Layout, currency: str, findings: Findings) -> tuple[LineItem, ...]:
    """The invoice's lines with their net amounts, then what is taken off or added to the whole."""
    items = tuple(_items(root, layout, currency, findings))
    charges = (line for charge in layout.charges for line in _charges(root, charge, currency, findings))
    return (*items, *charges)


def _items(root: Element, layout: Layout, currency: str, findings: Findings) -> Iterator[LineItem]:
    shape = layout.items
    for position, item in enumerate(root.all(shape.root), start=1):
        amount = amount_of(item, shape.amount, currency, findings)
        if amount is None:
            _warn_missing(item, element_of(shape.amount), findings)
            continue
        quantity = item.first(*shape.quantity)
        unit = quantity.attributes.get("unitCode", "") if quantity else ""
        yield LineItem(
            description=line_of_text(item.value(*shape.description)) or f"{position}",
            amount=amount,
            quantity=quantity_of(item, shape.quantity),
            unit=UNITS.get(unit),
        )


def _charges(root: Element, shape: ChargeLayout, currency: str, findings: Findings) -> Iterator[LineItem]:
    for charge in root.all(shape.root):
        amount = amount_of(charge, shape.amount, currency, findings)
        if amount is None:
            _warn_missing(charge, element_of(shape.amount), findings)
            continue
        is_charge = not shape.is_charge or charge.value(*shape.is_charge) in {"true", "1"}
        reason = line_of_text(charge.value(*shape.reason)) or ("Charge" if is_charge else "Allowance")
        yield LineItem(reason, amount if is_charge else -amount)


def _warn_missing(element: Element, name: str, findings: Findings) -> None:
    findings.warn(
        f"This <{element.name}> has no amount; it is left out of the page.",
        "The amount due is not touched by it.",
        Place(element.line, name),
    )


def taxes_of(root: Element, shape: TaxLayout, currency: str, findings: Findings) -> tuple[Tax, ...]:
    """One line for each tax breakdown in the invoice's currency: ``VAT at 25%``."""
    found = []
    for tax in root.all(shape.root):
        element = tax.first(*shape.amount)
        if element is None or element.attributes.get("currencyID", currency) != currency:
            continue  # the same tax once more, in the currency of the tax office (BT-111)
        amount = amount_of(tax, shape.amount, currency, findings)
        if amount is not None:
            found.append(Tax(_tax_label(tax, shape), amount))
    return tuple(found)


def _tax_label(tax: Element, shape: TaxLayout) -> str:
    scheme = line_of_text(tax.value(*shape.scheme)) or "VAT"
    name = scheme if len(scheme) <= _LONGEST_SCHEME else "VAT"
    try:
        rate = plain(Decimal(tax.value(*shape.rate) or "none"))
    except InvalidOperation:
        return name
    return f"{name} at {rate:f}%" if rate.is_finite() else name


def means_of(root: Element, shape: MeansLayout, findings: Findings) -> PaymentMeans:
    """Whether the seller collects the money; where the invoice also names other ways, that is worth a look."""
    codes = [found for means in root.all(shape.root) if (found := means.first(*shape.code))]
    debits = [found for found in codes if found.text in DIRECT_DEBIT_CODES]
    if debits and len(debits) < len(codes):
        findings.warn(
            "It names direct debit and other ways to pay; it is taken as collected by direct debit.",
            "Name one way to pay, so that nobody pays twice.",
            Place(debits[0].line, debits[0].name),
        )
    return PaymentMeans.DIRECT_DEBIT if debits else PaymentMeans.ANY


def account_of(root: Element, layout: Layout, findings: Findings) -> BankAccount | None:
    """The account to transfer to: the first whose IBAN's check digits hold, else the first that is no IBAN.

    What looks like an IBAN and is wrong is never shown: money sent there would go astray.
    """
    shape = layout.means
    stated = [means for means in root.all(shape.root) if means.value(*shape.account)]
    valid = [means for means in stated if is_iban(means.value(*shape.account) or "")]
    if not valid:
        stated = [means for means in stated if not _is_wrong_iban(means, shape, findings)]
    holder = line_of_text(root.value(*layout.sellers))
    for means in valid or stated:
        account = line_of_text(means.value(*shape.account)) or ""
        name = line_of_text(means.value(*shape.account_name)) or holder
        if name and account and len(account) <= _LONGEST_ACCOUNT:
            stated_bic = means.value(*shape.bic) or ""
            return BankAccount(
                account_name=name,
                iban=iban.compact(account) if valid else None,
                account_number=None if valid else account,
                bic=bic.compact(stated_bic) if bic.is_valid(stated_bic) else None,
            )
    return None


def _is_wrong_iban(means: Element, shape: MeansLayout, findings: Findings) -> bool:
    account = means.first(*shape.account)
    if account is None or not claims_to_be_iban(account.text):
        return False
    findings.warn(
        f"{account.text[:40]!r} is not a right IBAN: its length or its check digits do not fit. It is not shown.",
        "Correct it on the invoice; until then the page shows your own account, where one takes the currency.",
        Place(account.line, account.name),
    )
    return True
