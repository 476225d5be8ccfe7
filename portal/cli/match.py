"""``portal match``: what the money on a bank statement was for; recorded only at the owner's word."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portal.bank_statements import Notation, StatementReading, read_statements
from portal.bookkeeping.bank_recording import record_replacement, record_return, record_transfer
from portal.bookkeeping.entries import OwnerEntries, not_built
from portal.cli.common import as_json_option, fail, opened, portal_command, print_json, tell_problems
from portal.cli.levelling import brought_level
from portal.cli.match_tables import plain_recording, plain_result, tell_recorded, tell_result, transfers_shown
from portal.errors import PortalError, Problem
from portal.matching import Matcher, Proposal, Verdict
from portal.matching.recorded import transfers_of
from portal.payees import keys_by_reference
from portal.receivables.allocation import Allocation
from portal.receivables.money import parse_money
from portal.sources.amounts import DecimalMark
from portal.sources.dates import DateOrder
from portal.transfers.accounts import is_iban
from portal.wiring.portal import now

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from portal.bookkeeping.bank_recording import RecordedBooking
    from portal.wiring.portal import Folders, Portal

_SURE = ""
"""What ``--accept`` without a name stands for."""


@click.command()
@click.argument("file", nargs=-1, metavar="FILE...")
@click.option(
    "--accept",
    multiple=True,
    is_flag=False,
    flag_value=_SURE,
    metavar="[LINE]",
    help="Record all that is sure; or the proposal for one line, which may be given several times.",
)
@click.option("--assign", nargs=2, metavar="LINE NUMBER", help="Record a line on this invoice, whatever is proposed.")
@click.option("--amount", metavar="AMOUNT", help="With --assign: only so much of the line.")
@click.option("--overpaid", is_flag=True, help="With --assign: it may be more than is left.")
@click.option("--recorded", is_flag=True, help="List what was recorded from statements before, and from which.")
@click.option("--currency", metavar="CODE", help="Of a table that names none.")
@click.option("--date-order", type=click.Choice([one.value for one in DateOrder]), help="Of the dates of a table.")
@click.option("--decimal", type=click.Choice([one.value for one in DecimalMark]), help="Of the amounts of a table.")
@portal_command
@as_json_option
def match(  # noqa: PLR0913  each is an option
    file: tuple[str, ...],
    folders: Folders,
    as_of: date | None,
    *,
    accept: tuple[str, ...],
    assign: tuple[str, str] | None,
    amount: str | None,
    overpaid: bool,
    recorded: bool,
    currency: str | None,
    date_order: str | None,
    decimal: str | None,
    as_json: bool,
) -> None:
    """Find out which invoices the money on bank statements was for.

    FILE is a statement as your bank exports it: camt.052, .053 or .054 (also as ZIP), MT940, OFX, QFX, CSV or a
    workbook. Nothing is recorded without --accept or --assign, and nothing twice.
    """
    portal = opened(folders, as_of)
    if recorded:
        _list_recorded(portal, as_json=as_json)
        return
    notation = Notation(
        currency.upper() if currency else None,
        DateOrder(date_order) if date_order else None,
        DecimalMark(decimal) if decimal else None,
    )
    paths, lines = _told_apart(file, accept)
    desk = _Desk(portal, read_statements(paths, notation))
    if accept:
        desk.accept_sure() if _SURE in lines else None
        desk.accept([line for line in lines if line != _SURE])
    if assign:
        desk.assign(*assign, amount, overpaid=overpaid)
    desk.finish()
    _tell(desk, as_json=as_json)


def _told_apart(files: Sequence[str], accept: Sequence[str]) -> tuple[list[Path], list[str]]:
    """Files and names of lines: what follows ``--accept`` may be the file, where that comes last."""
    after = [text for text in accept if text and Path(text).is_file()]
    paths = [Path(text) for text in (*files, *after)]
    if not paths:
        raise click.UsageError("Name a bank statement, or say --recorded.")
    return paths, [_SURE if text in after else text for text in accept]


@dataclass(slots=True)
class _Desk:
    """The statements of one command, and what is done about them."""

    portal: Portal
    reading: StatementReading
    done: list[RecordedBooking] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)

    @property
    def owner(self) -> OwnerEntries:
        """Writes for the owner."""
        return OwnerEntries(self.portal.ledger, self.portal.gateway, now, self.portal.today)

    def proposals(self) -> tuple[Proposal, ...]:
        """What each line was for, as the ledger stands now."""
        ledger, settings = self.portal.ledger, self.portal.settings
        invoices = self.portal.invoices_as_built(ledger.invoice_sources())
        by_key = {invoice.key: invoice for invoice in invoices}
        references = keys_by_reference(invoices, settings)
        matcher = Matcher(by_key, ledger.entries_by_invoice(), references, self.portal.today())
        return matcher.propose(self.reading.bookings)

    def accept_sure(self) -> None:
        """Record what is sure: first what came in, then what of it went back."""
        for is_return in (False, True):
            for found in self.proposals():
                if found.verdict is Verdict.SURE and found.booking.is_return is is_return:
                    self._record(found)

    def accept(self, lines: Sequence[str]) -> None:
        """Record the proposals for these lines."""
        found = self.proposals()
        for proposal in [_named(found, line) for line in lines]:
            if proposal.verdict is Verdict.KNOWN:
                continue
            if not proposal.allocations and not proposal.undoes:
                self.problems.append(_nothing_proposed(proposal))
            else:
                self._record(proposal)

    def assign(self, line: str, number: str, amount: str | None, *, overpaid: bool) -> None:
        """Record a line on an invoice of the owner's choice."""
        proposal = _named(self.proposals(), line)
        booking = proposal.booking
        if booking.is_return or proposal.undoes or proposal.verdict is Verdict.CORRECTED:
            raise PortalError(_not_assignable(proposal))
        if self.portal.ledger.invoice(number) is None:
            raise not_built(number)
        standing = transfers_of(self.portal.ledger.entries_by_invoice()).get(booking.key)
        rest = booking.amount - standing.amount if standing else booking.amount
        part = parse_money(amount, booking.amount.currency) if amount else rest
        allocations = (Allocation(number, part),)
        self.done.append(record_transfer(self.owner, booking, allocations, overpaid=overpaid))

    def finish(self) -> None:
        """Bring pages, links and mails level with what was recorded."""
        if any(one.is_new for one in self.done):
            self.notices += brought_level(self.portal, unclosed=any(one.unclosed for one in self.done))

    def _record(self, found: Proposal) -> None:
        """Record one proposal; where that cannot be, the others are recorded all the same."""
        try:
            if found.undoes and found.allocations:
                self.done.append(record_replacement(self.owner, found.booking, found.undoes, found.allocations))
            elif found.undoes:
                self.done.append(record_return(self.owner, found.booking, found.undoes))
            else:
                is_sure = found.verdict is Verdict.SURE
                self.done.append(record_transfer(self.owner, found.booking, found.allocations, overpaid=not is_sure))
        except PortalError as error:
            booking = found.booking
            self.problems += [
                Problem(f"{booking.line_id}: {one.problem}", one.remedy, file=booking.file, line=booking.line)
                for one in error.problems
            ]


def _named(proposals: Sequence[Proposal], line: str) -> Proposal:
    """The line that is named so, or whose name begins so."""
    found = [one for one in proposals if one.booking.line_id.startswith(line.lower())]
    if len(found) != 1:
        names = f"{len(found)} lines of these statements have names that begin with" if found else "No line is named"
        problem = f"{names} {line!r}."
        raise PortalError(Problem(problem, "`portal match FILE` lists them with their names.", field="LINE"))
    return found[0]


def _nothing_proposed(proposal: Proposal) -> Problem:
    booking = proposal.booking
    remedy = "Say which invoice it is for: `portal match FILE --assign LINE NUMBER`."
    problem = f"Nothing is proposed for {booking.line_id}: {proposal.why}."
    return Problem(problem, remedy, file=booking.file, line=booking.line)


def _not_assignable(proposal: Proposal) -> Problem:
    booking = proposal.booking
    problem = f"{booking.line_id} went back to the payer."
    remedy = "`portal correct NUMBER ENTRY` undoes the entry of the transfer."
    if proposal.verdict is Verdict.CORRECTED:
        problem, remedy = f"{booking.line_id} does not count: {proposal.why}.", "There is nothing to assign."
    elif not booking.is_return:
        problem = f"{booking.line_id} takes the place of what is recorded, and both would count."
        remedy = f"Accept it with `--accept {booking.line_id}`, or undo the other first with `portal correct`."
    return Problem(problem, remedy, file=booking.file, line=booking.line)


def _other_accounts(desk: _Desk) -> list[Problem]:
    """Statements of an account that the settings do not name: perhaps the wrong file."""
    own = [payee.account for payee in desk.portal.settings.payees]
    numbers = [re.sub("[^0-9A-Z]", "", one.iban or f"{one.sort_code or ''}{one.account_number}") for one in own]
    accounts = dict.fromkeys(one.account.replace(" ", "") for one in desk.reading.bookings if one.account)
    # A British IBAN ends with sort code and account number; accounts that are no IBAN are written in too many ways.
    strange = [one for one in accounts if numbers and is_iban(one) and not one.endswith(tuple(numbers))]
    remedy = "Check that it is the right file, or add the account as [[bank]]."
    return [Problem(f"The statement is of account {one}, which [bank] does not name.", remedy) for one in strange]


def _tell(desk: _Desk, *, as_json: bool) -> None:
    proposals, reading = desk.proposals(), desk.reading
    warnings = [*_other_accounts(desk), *reading.warnings, *desk.notices]
    problems = [*reading.problems, *desk.problems]
    if as_json:
        print_json(
            plain_result(proposals, reading.passed_over)
            | {"recorded": [plain_recording(one) for one in desk.done]}
            | {"problems": [one.as_dict() for one in problems], "warnings": [one.as_dict() for one in warnings]}
        )
        sys.exit(1 if problems else 0)
    tell_result(proposals, reading.passed_over, desk.done, whole=not reading.problems)
    tell_problems(warnings, "Worth a look")
    if problems:
        fail(problems, as_json=False)


def _list_recorded(portal: Portal, *, as_json: bool) -> None:
    transfers = transfers_of(portal.ledger.entries_by_invoice())
    if as_json:
        print_json(transfers_shown(transfers))
    else:
        tell_recorded(transfers)
