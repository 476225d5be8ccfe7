"""Bank details for paying the exact sum that is left by transfer, with the symbols that banking apps scan."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from portal.pages.payment_part import payment_part
from portal.pages.pieces import Row
from portal.pages.scan_codes import scan_code
from portal.pages.way_models import Transfer
from portal.texts import gettext as _
from portal.transfers.accounts import grouped, is_qr_iban
from portal.transfers.epc import epc_text
from portal.transfers.swiss import swiss_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from portal.formats import Formats
    from portal.pages.way_models import ScanCode
    from portal.receivables.invoice import BankAccount
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.money import Money
    from portal.receivables.prices import PriceList
    from portal.transfers.accounts import Address, Payee
    from portal.transfers.references import Reference


@dataclass(frozen=True, slots=True)
class TransferStage:
    """``amount`` settles it from the day after ``after`` up to the end of ``until``; None has no bound.

    ``part`` says which part of it the amount is, where it is not all: "Due 1 October 2026".
    """

    amount: Money
    until: date | None = None
    after: date | None = None
    part: str | None = None


def transfer_stages(prices: PriceList) -> tuple[TransferStage, ...]:
    """The sums that a transfer may have to carry, each with its days, in their order.

    The one place that says which sums appear beside bank details, in symbols and in links: a page is read days after
    it was made, so each sum that will hold is there with its dates.
    """
    ends = [None, *(stage.until for stage in prices.stages)]
    return tuple(
        TransferStage(stage.amount, stage.until, after)
        for stage, (after, _end) in zip(prices.stages, pairwise(ends), strict=True)
    )


def part_stages(balance: InvoiceBalance, whole: Sequence[TransferStage], formats: Formats) -> list[TransferStage]:
    """Of an invoice that is due in parts, what is due of it already or next, to be shown before the whole."""
    coming = next((part for part in balance.parts if part.rest), None)
    if coming is None or not whole:
        return []
    if balance.catch_up:
        stage = TransferStage(balance.catch_up, part=_("Already due"))
    else:
        stage = TransferStage(coming.rest, part=_("Due %(date)s", date=formats.date(coming.due_on)))
    return [stage] if stage.amount < whole[0].amount else []


def transfer_panel(  # noqa: PLR0913  everything the panel says, named
    payee: Payee,
    stages: Sequence[TransferStage],
    reference: Reference,
    message: str,
    formats: Formats,
    *,
    is_open: bool,
) -> Transfer:
    """The bank details of a payee, for an invoice or for anything else that is paid in one sum.

    Args:
        payee: whose account.
        stages: the sums, from ``transfer_stages``, or one of your own; not empty.
        reference: what the transfer quotes.
        message: what it is for, for symbols that carry it: "Invoice 1042".
        formats: the page's.
        is_open: whether the panel is shown unfolded.
    """
    codes = tuple(_codes(payee, stages, reference, message, formats))
    swiss = swiss_text(payee, stages[0].amount, reference, message) if len(codes) == len(stages) == 1 else None
    rows = [
        Row(_("To"), payee.account.account_name),
        *_address_rows(payee, stages),
        *_account_rows(payee.account, stages[0].amount.currency),
        Row(_("Reference"), reference.shown),
    ]
    caution = _("If a message names another account, please ask us before you pay.")
    if len([stage for stage in stages if stage.part is None]) > 1:
        in_time = _("Please allow a day or two for the money to arrive.")
        caution = f"{in_time} {caution}"
    hint = _("Scan this with your banking app: it fills in these details.") if codes else None
    bill = payment_part(swiss, reference.shown) if swiss else None
    return Transfer(
        amount_rows(stages, formats), tuple(rows), caution, is_open=is_open, codes=codes, hint=hint, part=bill
    )


def amount_rows(stages: Sequence[TransferStage], formats: Formats) -> tuple[Row, ...]:
    """The sum to pay, or each with its days: "Until 10 May 2026", "After 10 May 2026"; the whole after a part of it."""
    has_part = any(stage.part for stage in stages)
    return tuple(Row(_amount_label(stage, formats, has_part=has_part), formats.money(stage.amount)) for stage in stages)


def stage_words(stage: TransferStage, formats: Formats) -> str | None:
    """The days of a stage, "until 10 May 2026"; None where its sum holds for good."""
    if stage.until is not None:
        return _("until %(date)s", date=formats.date(stage.until))
    return _("after %(date)s", date=formats.date(stage.after)) if stage.after is not None else None


def _amount_label(stage: TransferStage, formats: Formats, *, has_part: bool) -> str:
    if stage.part is not None:
        return stage.part
    if stage.until is not None:
        return _("Until %(date)s", date=formats.date(stage.until))
    if stage.after is not None:
        return _("After %(date)s", date=formats.date(stage.after))
    return _("All of it") if has_part else _("Amount")


def _codes(
    payee: Payee, stages: Sequence[TransferStage], reference: Reference, message: str, formats: Formats
) -> list[ScanCode]:
    """A symbol for each sum that a standard covers: the Swiss one for Swiss accounts, else the SEPA one."""
    drawn = []
    for stage in stages:
        swiss = swiss_text(payee, stage.amount, reference, message)
        text = swiss or epc_text(payee.account, stage.amount, reference)
        if text is not None:
            alt = _alt(stage, payee, reference, formats, is_swiss=swiss is not None)
            heading = _heading(stage, formats) if len(stages) > 1 else None
            drawn.append(scan_code(text, heading, alt, is_swiss=swiss is not None))
    return drawn


def _heading(stage: TransferStage, formats: Formats) -> str:
    amount, days = formats.money(stage.amount), stage_words(stage, formats)
    if stage.part is not None or days is None:
        which = stage.part or _("All of it")
        return f"{which}: {amount}"
    return f"{amount} {days}"


def _alt(stage: TransferStage, payee: Payee, reference: Reference, formats: Formats, *, is_swiss: bool) -> str:
    values = {
        "amount": formats.money(stage.amount),
        "name": payee.account.account_name,
        "reference": reference.shown,
    }
    if is_swiss:
        return _("Swiss QR code: %(amount)s to %(name)s, reference %(reference)s", **values)
    return _("SEPA QR code: %(amount)s to %(name)s, reference %(reference)s", **values)


def _address_rows(payee: Payee, stages: Sequence[TransferStage]) -> list[Row]:
    """The holder's address where Swiss payments ask for it, and nowhere else."""
    number = payee.account.iban or ""
    if payee.address is None or number[:2] not in {"CH", "LI"} or stages[0].amount.currency not in {"CHF", "EUR"}:
        return []
    return [Row(_("Address"), _address_line(payee.address))]


def _address_line(address: Address) -> str:
    street = f"{address.street} {address.house_number}".strip()
    town = f"{address.postcode} {address.town}, {address.country}"
    return f"{street}, {town}" if street else town


def _account_rows(account: BankAccount, currency: str) -> list[Row]:
    """What is typed to reach the account in this currency; at home, only what is usual at home."""
    at_home = (account.sort_code and currency == "GBP") or (account.routing_number and currency == "USD")
    abroad = account.iban is not None and not at_home
    iban_label = _("QR-IBAN") if is_qr_iban(account.iban) else _("IBAN")
    fields = [
        (_("Sort code"), account.sort_code if at_home else None),
        (_("Routing number"), account.routing_number if at_home else None),
        (_("Account number"), None if abroad else account.account_number),
        (iban_label, grouped(account.iban) if abroad and account.iban else None),
        (_("BIC"), None if at_home else account.bic),
        (_("Bank"), account.bank_name),
    ]
    return [Row(label, value) for label, value in fields if value]
