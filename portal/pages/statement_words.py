"""Where a statement stands, in words: the tag, the sum, and dated sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.pages.joint_plans import refused_words
from portal.pages.pieces import Look, Standing, Tag
from portal.pages.waiting import voucher_sentences
from portal.texts import gettext as _
from portal.texts import ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.formats import Formats
    from portal.receivables.plans import InstallmentStanding
    from portal.receivables.statement import Statement, StatementRow
    from portal.receivables.statement_plans import JointPlan


def standing_of_statement(statement: Statement, formats: Formats, plans: Sequence[JointPlan] = ()) -> Standing:
    """What the page says first; ``plans`` are those that run over several of its invoices."""
    if statement.balance_due:
        return _left_to_pay(statement, formats, plans)
    if statement.amount_on_its_way:
        return Standing(
            Tag(_("On its way"), Look.CALM, "way"),
            _("Payment on its way"),
            formats.money(statement.amount_on_its_way),
            (
                _("Thank you. Bank payments can take some working days to arrive."),
                *voucher_sentences(statement.amount_on_its_way),
                _("You do not need to pay this again."),
            ),
        )
    return Standing(
        Tag(_("All settled"), Look.GOOD, "tick"),
        _("Nothing left to pay"),
        None,
        (_("Thank you. Nothing is open on any of your invoices."),),
    )


def reassurance_of(statement: Statement) -> str | None:
    """For those who paid and still see an overdue page."""
    if not statement.overdue:
        return None
    return _("Paid already? Thank you. It shows here once we have recorded it.")


def _left_to_pay(statement: Statement, formats: Formats, plans: Sequence[JointPlan]) -> Standing:
    heading = _("Left to pay")
    refused = [words for plan in plans for words in refused_words(plan, formats)]
    sentences = [_how_many(statement, formats), *refused, *_on_plans(statement, formats)]
    if statement.until is not None:
        heading = _("Left to pay until %(date)s", date=formats.date(statement.until))
        sentences.append(_("After that it is more. The page of each invoice says how much."))
    if statement.amount_on_its_way:
        way = formats.money(statement.amount_on_its_way)
        sentences.append(_("%(amount)s more is on its way.", amount=way))
        sentences.append(_("Bank payments can take some working days to arrive."))
        sentences += voucher_sentences(statement.amount_on_its_way)
    return Standing(_tag(statement), heading, formats.money(statement.balance_due), tuple(sentences))


def _tag(statement: Statement) -> Tag:
    if overdue := len(statement.overdue):
        return Tag(ngettext("%(number)s overdue", "%(number)s overdue", overdue), Look.LATE, "clock")
    count = len([row for row in statement.rows if row.left])
    return Tag(ngettext("%(number)s open", "%(number)s open", count), Look.PLAIN, "open")


def _how_many(statement: Statement, formats: Formats) -> str:
    rows = [row for row in statement.rows if row.left]
    # A plan that is kept says itself when what is due.
    days = [row.due_on for row in rows if row.due_on is not None and (row.plan is None or row.is_overdue)]
    if not days:
        return ngettext("%(number)s invoice.", "%(number)s invoices.", len(rows))
    return ngettext(
        "%(number)s invoice, due on %(date)s.",
        "%(number)s invoices, the first due on %(date)s.",
        len(rows),
        date=formats.date(min(days)),
    )


def _on_plans(statement: Statement, formats: Formats) -> list[str]:
    """What the button leaves to payment plans."""
    rest = statement.sum_of(row.left - row.payable for row in statement.rows)
    if not rest:
        return []
    if rest == statement.balance_due:
        plans = {row.agreed.agreement for row in statement.rows if row.agreed and row.plan}
        whole = ngettext(
            "All of it is on a payment plan, and falls due with its next payments.",
            "All of it is on payment plans, and falls due with their next payments.",
            len(plans),
        )
        return [whole, *_next_payment(statement, formats)]
    amount = formats.money(rest)
    return [
        _("%(amount)s of it is on a payment plan, and falls due with its next payments.", amount=amount),
        *_next_payment(statement, formats),
    ]


def _next_payment(statement: Statement, formats: Formats) -> list[str]:
    """What the plans ask for next, on all invoices together, beyond what the button above asks for."""
    coming = [(row, one) for row in statement.rows if (one := _coming(row)) is not None]
    if not coming:
        return []
    day = min(one.due_on for _row, one in coming)
    then = [(row, one.rest) for row, one in coming if one.due_on == day]
    by_itself = all(_is_charged(row) for row, _rest in then)
    words = (
        _("Next payment: %(amount)s on %(date)s, taken from your card by itself.")
        if by_itself
        else _("Next payment: %(amount)s on %(date)s.")
    )
    amount = statement.sum_of(rest for _row, rest in then)
    return [words % {"amount": formats.money(amount), "date": formats.date(day)}]


def _coming(row: StatementRow) -> InstallmentStanding | None:
    """The plan's next payment; where a card is charged for it, also on its very day."""
    if row.plan is None:
        return None
    return row.plan.next if _is_charged(row) else row.plan.after_due


def _is_charged(row: StatementRow) -> bool:
    return row.agreed is not None and row.agreed.automatic and row.refused_on is None
