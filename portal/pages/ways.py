"""Other ways to pay the exact sum: PayPal, a cheque, and whatever the owner says in words of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from portal.languages import own_words
from portal.markdown_text import html_of_page
from portal.pages.pieces import Row
from portal.pages.transfer import amount_rows, stage_words
from portal.pages.way_models import Way
from portal.receivables.money import decimals_of
from portal.texts import gettext as _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.config import Settings
    from portal.formats import Formats
    from portal.pages.models import InvoicePage
    from portal.pages.transfer import TransferStage
    from portal.receivables.money import Money

PAYPAL_CURRENCIES = frozenset(
    "AUD BRL CAD CHF CZK DKK EUR GBP HKD HUF ILS JPY MXN MYR NOK NZD PHP PLN SEK SGD THB TWD USD".split()
)
"""Currencies that PayPal holds balances in (PayPal developer documentation, currency codes)."""
_PAYPAL_WHOLE = frozenset({"HUF", "JPY", "TWD"})
"""Of these, PayPal takes whole units only."""


def ways_of(
    stages: Sequence[TransferStage], reference: str, settings: Settings, formats: Formats, *, opens: bool
) -> tuple[Way, ...]:
    """The other ways to pay that the owner has set up and that take this currency.

    Args:
        stages: the sums with their days; where there is none, nothing is to be paid.
        reference: what the customer writes on a payment.
        settings: the owner's.
        formats: the page's.
        opens: whether the first is unfolded, because no card button and no bank details stand before it.
    """
    if not stages:
        return ()
    found = (
        _paypal(stages, reference, settings, formats),
        _cheque(stages, reference, settings, formats),
        _in_own_words(settings),
    )
    ways = tuple(way for way in found if way is not None)
    return (replace(ways[0], is_open=True), *ways[1:]) if opens and ways else ways


def first_opened(page: InvoicePage) -> InvoicePage:
    """The page with its first other way to pay unfolded, for pages without a card button."""
    if page.transfer is not None:
        return page._replace(transfer=replace(page.transfer, is_open=True))
    if page.ways:
        return page._replace(ways=(replace(page.ways[0], is_open=True), *page.ways[1:]))
    return page


def paypal_address(page: str, amount: Money) -> str | None:
    """A PayPal.Me link with amount and currency behind it, ``https://paypal.me/NAME/12.50EUR``.

    None where PayPal does not take the amount: another currency, or a fraction of one that has none there.
    """
    if amount.currency not in PAYPAL_CURRENCIES:
        return None
    digits = amount.decimal_text
    if amount.currency in _PAYPAL_WHOLE:
        if amount.minor % 10 ** decimals_of(amount.currency):
            return None
        digits = digits.partition(".")[0]
    return f"{page}/{digits}{amount.currency}"


def _paypal(stages: Sequence[TransferStage], reference: str, settings: Settings, formats: Formats) -> Way | None:
    page = settings.payments.paypal_me
    if page is None:
        return None
    links = tuple(
        (address, _paypal_words(stage, formats)) for stage in stages if (address := paypal_address(page, stage.amount))
    )
    if len(links) < len(stages):
        return None
    note = _("Please write %(reference)s in the note there.", reference=reference)
    return Way(_("Pay with PayPal"), links=links, sentences=(note, _("You pay on a page of PayPal.")))


def _paypal_words(stage: TransferStage, formats: Formats) -> str:
    amount, days = formats.money(stage.amount), stage_words(stage, formats)
    if days is None:
        return _("Pay %(amount)s with PayPal", amount=amount)
    return _("Pay %(amount)s with PayPal, %(days)s", amount=amount, days=days)


def _in_own_words(settings: Settings) -> Way | None:
    if settings.payments.other is None:
        return None
    words = own_words(settings.payments.other, settings.payments.other_in, settings)
    return Way(_("Another way"), body=html_of_page(words.text), lang=words.lang)


def _cheque(stages: Sequence[TransferStage], reference: str, settings: Settings, formats: Formats) -> Way | None:
    payments, business = settings.payments, settings.business
    address = payments.cheque_address or (business.address if payments.cheque_to else None)
    wrong_currency = payments.cheque_currency not in (None, stages[0].amount.currency)
    if address is None or wrong_currency:
        return None
    payable_to = payments.cheque_to or business.legal_name or business.name
    rows = (
        Row(_("Payable to"), payable_to),
        Row(_("Post it to"), address),
        Row(_("Write on the back"), reference),
    )
    return Way(_("Pay by cheque"), amounts=amount_rows(stages, formats), rows=rows)
