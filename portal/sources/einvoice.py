"""E-invoices of EN 16931, UBL and CII, in any of their national flavours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from portal.errors import ContentError
from portal.receivables.currencies import DECIMALS
from portal.receivables.invoice import Customer, DocumentKind, Invoice, StatedPayment
from portal.receivables.line_items import LineItems
from portal.receivables.money import zero
from portal.sources import cii, cii_1, ubl
from portal.sources.checks import look_over
from portal.sources.einvoice_due import due_of
from portal.sources.einvoice_fields import (
    amount_of,
    date_of,
    element_of,
    notes_of,
    one_line,
    required,
    required_amount,
)
from portal.sources.einvoice_parts import account_of, lines_of, means_of, taxes_of
from portal.sources.findings import Findings, Place
from portal.sources.reading import Reading, read_document
from portal.sources.skonto import malformed_lines, read_skonto
from portal.sources.texts import customer_reference, email_of, line_of_text, name_of, number_of, prose
from portal.sources.understanding import Understanding
from portal.sources.xml_tree import parse_xml

if TYPE_CHECKING:
    from portal.receivables.money import Money
    from portal.sources.layout import Layout
    from portal.sources.xml_tree import Element

CREDIT_TYPES = frozenset("81 83 261 262 296 308 381 396 420 458 502 503 532".split())
"""Document types (BT-3, UNTDID 1001) that EN 16931 counts as credit notes."""

CORRECTED = "384"
"""The type of a corrected invoice (UNTDID 1001), which takes the place of those it refers to (BT-25)."""

_ASK_TYPES = {
    "386": "a prepayment invoice",
    "389": "a self-billed invoice, written by the customer",
    "751": "an invoice for the books only",
}


def read_einvoice(raw: bytes, *, file: str) -> Reading:
    """The invoice in one XML document, taken whole or not at all.

    Args:
        raw: the file as it is; its XML declaration says the encoding.
        file: its path relative to the content folder, the invoice's source.
    """
    findings = Findings(file)
    try:
        root = parse_xml(raw, file=file)
    except ContentError as error:
        return Reading(problems=error.problems, rejected=1)
    layout = layout_of(root)
    if layout is None:
        findings.problem(
            f"The root element <{root.name}> is not that of an e-invoice.",
            "UBL 2.1 Invoice and CreditNote, and CrossIndustryInvoice (Factur-X, XRechnung) are read.",
            Place(root.line, root.name),
        )
        return read_document(findings, None)
    facts = {"syntax": f"{layout.name} {root.name}"}
    if guideline := line_of_text(root.value(*layout.guideline)):
        facts["guideline"] = guideline
    reading = read_document(findings, _invoice(root, layout, findings))
    return replace(reading, understood=Understanding("e-invoice", facts))


def layout_of(root: Element) -> Layout | None:
    """Where the fields of this document stand; None where it is no e-invoice that is known."""
    if root.namespace and root.namespace == ubl.NAMESPACES.get(root.name):
        return ubl.LAYOUT
    if root.name == cii.ROOT and root.namespace.startswith(cii.NAMESPACE):
        return cii.LAYOUT
    if root.namespace and root.namespace == cii_1.NAMESPACES.get(root.name):
        return cii_1.LAYOUT
    return None


def _invoice(root: Element, layout: Layout, findings: Findings) -> Invoice | None:
    number = _number(root, layout, findings)
    customer = _customer(root, layout, findings)
    currency = _currency(root, layout, findings)
    issued_on = date_of(root.first(*layout.issued_on), findings)
    if currency is None:
        return None
    total = required_amount(root, layout.total, "The total with tax (BT-112)", currency, findings)
    prepaid = amount_of(root, layout.prepaid, currency, findings)
    due = _due(root, layout, (total, prepaid), findings) if total is not None else None
    kind = _kind(root, layout, findings)
    owed = (due, prepaid or zero(currency)) if due is not None and kind is DocumentKind.INVOICE else None
    due_on, parts = due_of(root, layout, owed, findings)
    lines = lines_of(root, layout, currency, findings)
    taxes = taxes_of(root, layout.taxes, currency, findings)
    terms = "\n".join(found.text for found in root.all(layout.terms))
    _check_skonto(root, layout, terms, findings)
    if number is None or customer is None or total is None or due is None:
        return None
    invoice = Invoice(
        key=number,
        number=number,
        customer=customer,
        total=total,
        stated_due=due,
        issued_on=issued_on,
        due_on=due_on,
        source=findings.file,
        kind=kind,
        means=means_of(root, layout.means, findings),
        lines=LineItems.of(lines),
        taxes=taxes,
        payments=_payments(prepaid),
        notes=notes_of(root, layout.notes),
        terms_text=prose(terms),
        payment_reference=line_of_text(root.value(*layout.reference)),
        order_reference=line_of_text(root.value(*layout.order_reference)),
        bank_account=account_of(root, layout, findings),
        discounts=read_skonto(terms, currency),
        replaces=_replaces(root, layout),
        parts=parts,
    )
    paths = {"due_on": layout.due_on, "payments": layout.prepaid, "reference": layout.reference}
    look_over(invoice, findings, lambda field: _place(root, paths[field]))
    return invoice


def _due(root: Element, layout: Layout, sums: tuple[Money, Money | None], findings: Findings) -> Money | None:
    total, prepaid = sums
    if layout.due_may_be_left_out and root.value(*layout.due) is None:
        return total - prepaid if prepaid else total
    return required_amount(root, layout.due, "The amount due (BT-115)", total.currency, findings)


def _check_skonto(root: Element, layout: Layout, terms: str, findings: Findings) -> None:
    for line in malformed_lines(terms):
        findings.warn(
            f"{line[:60]!r} is not a discount line by XRechnung's rule BR-DE-18; it is shown, but gives no discount.",
            "Write #SKONTO#TAGE=10#PROZENT=2.00# on a line of its own.",
            _place(root, (layout.terms,)),
        )


def _place(root: Element, paths: tuple[str, ...]) -> Place:
    found = root.first(*paths)
    return Place(found.line, found.name) if found else Place(None, element_of(paths))


def _number(root: Element, layout: Layout, findings: Findings) -> str | None:
    text = required(root, layout.number, "The invoice number (BT-1)", findings)
    return None if text is None else number_of(one_line(text), findings, _place(root, layout.number))


def _customer(root: Element, layout: Layout, findings: Findings) -> Customer | None:
    text = required(root, layout.buyer, "The buyer's name (BT-44)", findings)
    if text is None:
        return None
    name = name_of(one_line(text), findings, _place(root, layout.buyer))
    # A buyer's VAT number (BT-48) or entry in a register (BT-47) is what only a business has.
    is_business = True if root.value(*layout.buyer_registered) else None
    reference = customer_reference(root.value(*layout.buyer_reference))
    email = _email(root, layout, findings)
    return Customer(name, email, is_business=is_business, reference=reference) if name else None


def _email(root: Element, layout: Layout, findings: Findings) -> str | None:
    stated = email_of(root.value(*layout.buyer_email), findings, _place(root, layout.buyer_email))
    if stated:
        return stated
    endpoint = root.first(*layout.buyer_endpoint)
    if endpoint is None or endpoint.attributes.get("schemeID") != "EM":
        return None
    return email_of(endpoint.text, findings, Place(endpoint.line, endpoint.name))


def _currency(root: Element, layout: Layout, findings: Findings) -> str | None:
    code = required(root, layout.currency, "The currency (BT-5)", findings)
    if code is None or code in DECIMALS:
        return code
    findings.problem(
        f"{code[:20]!r} is not a currency.",
        "Write its ISO 4217 code in capitals, such as EUR, GBP or USD.",
        _place(root, layout.currency),
    )
    return None


def _kind(root: Element, layout: Layout, findings: Findings) -> DocumentKind:
    code = root.value(*layout.type_code)
    if code is None and root.name != "CreditNote":
        findings.warn(
            "Nothing says what kind of document this is (BT-3).",
            "It is taken as an invoice to pay; remove it if it is none.",
            Place(root.nearest_line(layout.type_code[0]), element_of(layout.type_code)),
        )
    if code in _ASK_TYPES:
        findings.warn(
            f"This is {_ASK_TYPES[code]} (type {code}).",
            "It is taken as an invoice to pay; remove it if it is none.",
            _place(root, layout.type_code),
        )
    is_credit = root.name == "CreditNote" or code in CREDIT_TYPES
    return DocumentKind.CREDIT_NOTE if is_credit else DocumentKind.INVOICE


def _replaces(root: Element, layout: Layout) -> tuple[str, ...]:
    """Any invoice may refer to an earlier one, such as one for an advance; only a corrected one takes its place."""
    if root.value(*layout.type_code) != CORRECTED:
        return ()
    return tuple(number for found in root.all(layout.preceding) if (number := line_of_text(found.text)))


def _payments(prepaid: Money | None) -> tuple[StatedPayment, ...]:
    return (StatedPayment(prepaid),) if prepaid else ()
