"""How ``portal match`` tells what it found: by what the owner has to do, each line with its reason."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import click

from portal.cli.common import readable
from portal.cli.entry_words import written_in_words
from portal.cli.layout import line_width, print_table, wrapped
from portal.matching import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portal.bookkeeping.bank_recording import RecordedBooking
    from portal.matching import Proposal
    from portal.matching.recorded import Transfer
    from portal.receivables.entries import Entry

_HEADINGS = {
    Verdict.SURE: "Sure",
    Verdict.CONFIRM: "For you to confirm",
    Verdict.UNMATCHED: "Not matched",
    Verdict.KNOWN: "Recorded before",
    Verdict.CORRECTED: "Corrected by the bank",
}
_REMEDIES = {
    Verdict.SURE: "`--accept` records all of these.",
    Verdict.CONFIRM: "`--accept LINE` records one as proposed, `--assign LINE NUMBER` on another invoice.",
    Verdict.UNMATCHED: "`--assign LINE NUMBER` records one on an invoice.",
}
_INDENT = "        "
_NOTE = 60
_WIDE = 120


def tell_result(
    proposals: Sequence[Proposal], passed_over: Mapping[str, int], done: Sequence[RecordedBooking], *, whole: bool
) -> None:
    """Print what was recorded and what each line was for; not ``whole``, some lines could not be read."""
    for recorded in done:
        _tell_done(recorded)
    if whole and not proposals:
        click.echo("No money came in by these statements.")
    for verdict, title in _HEADINGS.items():
        found = [one for one in proposals if one.verdict is verdict]
        if found:
            click.echo(f"\n{title} ({len(found)})")
            for one in found:
                _tell_line(one)
            if verdict in _REMEDIES:
                click.echo(wrapped("  ", _REMEDIES[verdict], otherwise=_WIDE))
    if passed_over:
        told = ", ".join(f"{count} {reason}" for reason, count in sorted(passed_over.items()))
        click.echo(f"\nLeft aside: {told}.")


def plain_result(proposals: Sequence[Proposal], passed_over: Mapping[str, int]) -> dict[str, object]:
    """The same as plain values."""
    return {"lines": [_plain_line(one) for one in proposals], "passed_over": dict(passed_over)}


def plain_recording(done: RecordedBooking) -> dict[str, object]:
    """What was recorded, as plain values."""
    return {"is_new": done.is_new, "entries": [_plain_entry(entry) for entry in done.entries]}


def transfers_shown(transfers: Mapping[str, Transfer]) -> list[dict[str, object]]:
    """What came from statements before, as plain values."""
    return [
        {
            "key": key,
            "entries": [_plain_entry(entry) for entry in one.entries],
            "undone": [_plain_entry(entry) for entry in one.undone],
            "taken_back": one.returned,
        }
        for key, one in transfers.items()
    ]


def tell_recorded(transfers: Mapping[str, Transfer]) -> None:
    """Print what came from statements before, and from which."""
    if not transfers:
        click.echo("Nothing was recorded from a bank statement yet.")
        return
    rows: list[tuple[str, ...]] = [("Value date", "Amount", "Invoice", "Entry", "State", "From")]
    for one in transfers.values():
        gone = "undone by the bank" if one.returned else "undone"
        for entry in sorted((*one.entries, *one.undone), key=lambda each: each.seq):
            state = "recorded" if entry in one.entries else gone
            note = textwrap.shorten(entry.note or "", _NOTE, placeholder=" ...")
            rows.append((_day(entry), readable(entry.amount), entry.invoice_key, str(entry.seq), state, note))
    print_table(rows, right=frozenset({1, 3}), loose=(5,))


def _tell_done(done: RecordedBooking) -> None:
    for entry, balance in zip(done.entries, done.balances, strict=True):
        left = f"Left to pay: {readable(balance.amount_offerable)}."
        click.echo(wrapped("", f"{written_in_words(entry, is_new=done.is_new)} {left}"))


def _tell_line(found: Proposal) -> None:
    """Two or three lines: what the bank says, what the payer wrote, and what it was for."""
    booking = found.booking
    width = line_width(_WIDE)
    payer = textwrap.shorten(booking.payer or "unknown payer", 40, placeholder=" ...")
    sign = "-" if booking.is_return else ""
    amount = f"{sign}{readable(booking.amount)}"
    head = f"  {booking.line_id}  {booking.value_on}  {amount:>16}  {payer}"
    if found.verdict in {Verdict.KNOWN, Verdict.CORRECTED}:
        click.echo(textwrap.fill(f"{head}: {found.why}", width, subsequent_indent=_INDENT))
        return
    click.echo(head)
    quoted = " ".join(dict.fromkeys((*booking.references, *booking.words.split("\n"))))
    words = textwrap.shorten(quoted, width - len(_INDENT) - 4, placeholder=" ...")
    if words:
        click.echo(f"{_INDENT}“{words}”")
    where = f"-> {_where(found)}: " if _where(found) else ""
    told = f"{where}{found.why}."
    click.echo(textwrap.fill(told, width, initial_indent=_INDENT, subsequent_indent=f"{_INDENT}   "))


def _where(found: Proposal) -> str:
    undone = ", ".join(f"entry {entry.seq} of {entry.invoice_key}" for entry in found.undoes)
    paid = _paid(found)
    return f"undo {undone}" + (f", then {paid}" if paid else "") if undone else paid


def _paid(found: Proposal) -> str:
    parts = found.allocations
    if len(parts) == 1 and not found.left:
        return parts[0].invoice_key
    rest = f", and {readable(found.left)} for none" if parts and found.left else ""
    return ", ".join(f"{part.invoice_key} {readable(part.amount)}" for part in parts) + rest


def _plain_line(found: Proposal) -> dict[str, object]:
    booking = found.booking
    return {
        "line": booking.line_id,
        "verdict": found.verdict.value,
        "why": found.why,
        "proposed": [{"invoice": one.invoice_key, "amount": one.amount.decimal_text} for one in found.allocations],
        "undoes": [{"invoice": entry.invoice_key, "entry": entry.seq} for entry in found.undoes],
        "amount": booking.amount.decimal_text,
        "currency": booking.amount.currency,
        "is_return": booking.is_return,
        "value_on": booking.value_on.isoformat(),
        "booked_on": booking.booked_on.isoformat(),
        "payer": booking.payer,
        "text": booking.text,
        "references": list(booking.references),
        "account": booking.account,
        "file": booking.file,
        "file_line": booking.line,
        "key": booking.key,
    }


def _plain_entry(entry: Entry) -> dict[str, object]:
    return {
        "invoice": entry.invoice_key,
        "entry": entry.seq,
        "kind": entry.kind.value,
        "amount": entry.amount.decimal_text,
        "currency": entry.amount.currency,
        "value_on": _day(entry),
        "note": entry.note,
    }


def _day(entry: Entry) -> str:
    return (entry.value_on or entry.occurred_at.date()).isoformat()
