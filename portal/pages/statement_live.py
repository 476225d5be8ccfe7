"""The live pages of a statement: a payment read back, and the ways to pay again where something was not right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.formats import spoken_formats
from portal.pages.addresses import pay_address, statement_address
from portal.pages.contact import contact_of, page_title
from portal.pages.invoice import document_name
from portal.pages.part_words import part_error
from portal.pages.pieces import Row
from portal.pages.statement_forms import statement_form
from portal.pages.statement_models import StatementCheckPage, StatementChoicePage
from portal.receivables.allocation import total_of
from portal.receivables.card_limits import card_limits
from portal.receivables.statement_offers import ChoiceRefusal, mark_of
from portal.texts import gettext as _

if TYPE_CHECKING:
    from collections.abc import Collection

    from portal.config import Settings
    from portal.formats import Formats
    from portal.pages.pieces import Contact
    from portal.pages.statement_models import StatementLinks
    from portal.receivables.allocation import Allocation, Allocations
    from portal.receivables.money import Money
    from portal.receivables.offers import PartRefusal
    from portal.receivables.statement import Statement
    from portal.receivables.statement_offers import Choice, StatementOffers


@dataclass(frozen=True, slots=True)
class StatementAtHand:
    """A statement as it stands at a click, and where its pages are."""

    statement: Statement
    offers: StatementOffers
    links: StatementLinks


def statement_check_page(
    at_hand: StatementAtHand, choice: Choice, parts: Allocations, settings: Settings
) -> StatementCheckPage:
    """A payment read back before paying: every invoice with its amount, and the sum.

    Its form posts the wish again with ``confirmed=1``; ``shown`` is the mark of exactly these parts.
    """
    formats = spoken_formats()
    total = total_of(parts)
    token = at_hand.links.token
    return StatementCheckPage(
        title=page_title(settings, _("Check your payment")),
        lang=formats.locale,
        direction=formats.direction,
        document=_("Statement"),
        heading=_("You are about to pay %(amount)s", amount=formats.money(total)),
        rows=(
            *(_part_row(at_hand, part, formats) for part in parts),
            Row(_("You pay now"), formats.money(total), strong=True),
        ),
        rest=_rest(at_hand.statement.balance_due - total, formats),
        action=pay_address(settings),
        token=token,
        shown=mark_of(parts, total.currency),
        want="some" if choice.keys is not None else "amount",
        hidden=_hidden(at_hand, choice, parts),
        change_href=statement_address(settings, token),
        contact=_contact(settings),
    )


def statement_changed_page(
    at_hand: StatementAtHand, shown: Money | None, settings: Settings, *, chosen: Collection[str] = ()
) -> StatementChoicePage:
    """What is left is not what the customer had seen; asks again with everything as it is now.

    Args:
        at_hand: as it stands now.
        shown: the sum that the customer's page had shown; None where that cannot be read.
        settings: the owner's.
        chosen: keys of the invoices that they had chosen.

    Raises:
        ValueError: nothing can be paid by card now.
    """
    formats = spoken_formats()
    before = _("Your page showed %(amount)s to pay.", amount=formats.money(shown)) if shown else None
    sums = at_hand.offers.sums.left
    now = _("What can be paid now is %(amount)s.", amount=formats.money(sums))
    sentences = (" ".join(filter(None, (before, now))), _("No money has been taken."))
    return _choice_page(at_hand, _("What is left to pay has changed"), sentences, settings, chosen=chosen)


def statement_refused_page(  # noqa: PLR0913  everything the page says, named
    at_hand: StatementAtHand,
    refusal: ChoiceRefusal | PartRefusal | None,
    settings: Settings,
    *,
    chosen: Collection[str] = (),
    typed: str = "",
    unreadable: bool = False,
) -> StatementChoicePage:
    """The ways to pay again, with what was wrong with the choice or the amount.

    Args:
        at_hand: as it stands now.
        refusal: from ``parts_of``.
        settings: the owner's.
        chosen: keys of the invoices that were chosen.
        typed: the amount as the customer typed it.
        unreadable: it was no amount at all.

    Raises:
        ValueError: nothing can be paid by card now.
    """
    formats = spoken_formats()
    field, error = "amount", None
    if isinstance(refusal, ChoiceRefusal):
        field, error = "choose", _choice_in_words(refusal, at_hand.offers, formats)
    else:
        error = part_error(at_hand.offers.sums, formats, typed=typed, refusal=refusal, unreadable=unreadable)
    left = _("%(amount)s is left to pay.", amount=formats.money(at_hand.offers.sums.left))
    sentences = (left, _("No money has been taken."))
    return _choice_page(
        at_hand, _("Pay your invoices"), sentences, settings, chosen=chosen, error=error, field=field, typed=typed
    )


def _choice_page(  # noqa: PLR0913  everything the page says, named
    at_hand: StatementAtHand,
    heading: str,
    sentences: tuple[str, ...],
    settings: Settings,
    *,
    chosen: Collection[str] = (),
    error: str | None = None,
    field: str | None = None,
    typed: str = "",
) -> StatementChoicePage:
    formats = spoken_formats()
    links = at_hand.links
    form = statement_form(at_hand.statement, at_hand.offers, settings, links, chosen)
    if form is None:
        raise ValueError("a choice is asked for only where something can be paid by card")
    title = page_title(settings, heading)
    return StatementChoicePage(
        title=_("Error: %(heading)s", heading=title) if error else title,
        lang=formats.locale,
        direction=formats.direction,
        document=_("Statement"),
        heading=heading,
        sentences=sentences,
        error=error,
        field=field,
        typed=typed,
        form=form,
        back_href=statement_address(settings, links.token),
        contact=_contact(settings),
    )


def _part_row(at_hand: StatementAtHand, part: Allocation, formats: Formats) -> Row:
    row = next(row for row in at_hand.statement.rows if row.invoice.key == part.invoice_key)
    rest = row.left - part.amount
    small = _("%(amount)s stays left on it", amount=formats.money(rest)) if rest else None
    return Row(document_name(row.invoice), formats.money(part.amount), small=small)


def _rest(rest: Money, formats: Formats) -> str:
    if not rest:
        return _("After this, nothing is left to pay.")
    return _("After this, %(amount)s is left to pay.", amount=formats.money(rest))


def _hidden(at_hand: StatementAtHand, choice: Choice, parts: Allocations) -> tuple[tuple[str, str], ...]:
    if choice.amount is not None:
        return (("amount", choice.amount.decimal_text),)
    return tuple((at_hand.links.of_invoices[part.invoice_key], "1") for part in parts)


def _choice_in_words(refusal: ChoiceRefusal, offers: StatementOffers, formats: Formats) -> str:
    limits = card_limits(offers.sums.left.currency)
    match refusal:
        case ChoiceRefusal.BELOW_MINIMUM:
            return _("Choose more: a card payment has to be %(amount)s at least", amount=formats.money(limits.minimum))
        case ChoiceRefusal.ABOVE_MAXIMUM:
            return _("Choose fewer: one card payment can be %(amount)s at most", amount=formats.money(limits.maximum))
        case _:
            return _("Choose at least one invoice")


def _contact(settings: Settings) -> Contact:
    return contact_of(settings, _("If anything is unclear, please ask us."), about=_("Statement"))
