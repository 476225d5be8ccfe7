"""Words that other parts of the portal wrote down in English, said in the page's language: taxes, units, ways to pay.

They are kept with the invoice or the entry, long before it is known who reads them. Whatever else an owner wrote
there stays as it is.
"""

from __future__ import annotations

import re

from portal.texts import gettext as _

_CARD = re.compile(r"(?P<card>.+) ending (?P<digits>\w{4})")
"""As ``portal.adapters.stripe.reading`` says how it was paid."""
_TAX = re.compile(r"VAT at (?P<rate>\d+(?:\.\d+)?%)")
"""As ``portal.sources.einvoice_parts`` and many owners name a tax."""


def method_in_words(method: str) -> str:
    """How something was paid: "Visa ending 4242", "bank transfer"."""
    if card := _CARD.fullmatch(method):
        return _("%(card)s ending %(digits)s", card=card["card"], digits=card["digits"])
    known = {
        "bank transfer": _("bank transfer"),
        "card": _("card"),
        "cash": _("cash"),
        "cheque": _("cheque"),
        "direct debit": _("direct debit"),
    }
    return known.get(method.lower(), method)


def tax_in_words(label: str, decimal_mark: str) -> str:
    """What a tax is called: "VAT at 7.7%"."""
    if tax := _TAX.fullmatch(label):
        return _("VAT at %(rate)s", rate=tax["rate"].replace(".", decimal_mark))
    return _("VAT") if label == "VAT" else label


def unit_in_words(unit: str) -> str:
    """A unit of quantity: "days"."""
    known = {"hours": _("hours"), "days": _("days"), "weeks": _("weeks"), "months": _("months"), "years": _("years")}
    return known.get(unit, unit)


def line_in_words(description: str) -> str:
    """A line of the invoice; only what e-invoices leave without a name is ours to say."""
    match description:
        case "Charge":
            return _("Charge")
        case "Allowance":
            return _("Allowance")
        case _:
            return description
