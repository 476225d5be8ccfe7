"""Words by which a table says what a row is: a draft, a payment, a credit note, a sum."""

from __future__ import annotations

import re
from enum import StrEnum
from operator import itemgetter
from typing import TYPE_CHECKING

from portal.sources.headings import heading

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal.sources.columns import Header
    from portal.sources.csv_text import Row


class RowKind(StrEnum):
    """What a row of a table is."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit note"
    NOTHING = "headings, sums and blanks"
    DRAFT = "drafts"
    VOID = "void"
    OTHER = "payments and other documents"
    SKIPPED = "skipped by the owner"
    ELSEWHERE = "postings to other accounts"


CLAIMS = frozenset({RowKind.INVOICE, RowKind.CREDIT_NOTE})
"""Rows that get a page."""


def _words(text: str) -> frozenset[str]:
    return frozenset(heading(word) for word in text.split("|"))


_DRAFTS = _words(
    "draft | awaiting approval | pending approval | submitted | entwurf | bozza | rascunho | brouillon | borrador"
)
_VOIDS = _words(
    """void | voided | cancelled | canceled | deleted | storniert | annulliert | annullata | annullato | anulada
    | anulado | cancelada | cancelado | annulee | annule"""
)
PAID = _words(
    "paid | paid in full | closed | bezahlt | beglichen | pagata | pagato | paga | pago | payee | pagada | pagado"
)
"""Statuses by which a table without balances says that an invoice is settled."""

_BUSINESSES = _words(
    """yes | y | true | 1 | x | business | company | organisation | organization | commercial | corporate | b2b
    | ja | geschaftskunde | firma | unternehmen | gewerblich | si | azienda | impresa | sim | empresa | oui | entreprise
    | professionnel"""
)
_PERSONS = _words(
    """no | n | false | 0 | private | individual | consumer | person | residential | b2c | nein | privat | privatkunde
    | privatperson | verbraucher | privato | persona fisica | consumatore | nao | particular | consumidor | non
    | particulier | consommateur"""
)

_CREDITS = ("credit", "gutschrift", "storno", "notadicredito", "notadecredito", "avoir", "abono", "rectificativa")
_OTHERS = (
    "payment", "overpayment", "prepayment", "deposit", "journal", "purchase", "expense", "quote", "estimate", "refund",
    "receipt", "angebot", "zahlung", "preventivo", "pagamento", "orcamento", "devis", "paiement", "presupuesto",
)  # fmt: skip
_SUM = re.compile(r"(?:grand |sub-? ?)?(?:total|totals|summe|gesamt|gesamtsumme|zwischensumme|totale|totali|soma|totais"
                  r"|somme|suma|totales)\b.*", re.IGNORECASE)  # fmt: skip


def is_business(text: str) -> bool | None:
    """Whether a customer is a business, by what a table says; None where it does not say so clearly."""
    word = heading(text)
    if word in _BUSINESSES:
        return True
    return False if word in _PERSONS else None


class Sorter:
    """Says of each row of a table what it is.

    Args:
        header: of the table.
        skipped: types and statuses of rows that the owner wants passed over.

    Attributes:
        place: where rows say whether they count, in the export of a program that tells it so; None in others.
    """

    def __init__(self, header: Header, skipped: Iterable[str] = ()) -> None:
        self._header = header
        named = {place for field in ("customer", "number") if (place := header.places.get(field)) is not None}
        self._names = itemgetter(*named) if len(named) > 1 else None
        self._says = any(field in header.places for field in ("type", "status"))
        self._skipped = frozenset(heading(word) for word in skipped)
        only = header.profile.only
        self.place = header.place_of(only[0]) if only else None
        self._wanted = heading(only[1]) if only else ""

    def kind_of(self, row: Row) -> RowKind:
        """What a row is, by its shape first, then by its type and status."""
        if row.cells == self._header.row.cells or not (self.is_named(row) or _is_something(row, self._header)):
            return RowKind.NOTHING
        kind, status = self._words_of(row) if self._says else ("", "")
        if kind in self._skipped or status in self._skipped:
            return RowKind.SKIPPED
        if self.place is not None and heading("".join(row.cells[self.place : self.place + 1])) != self._wanted:
            return RowKind.ELSEWHERE
        return _kind_by(kind, status)

    def is_named(self, row: Row) -> bool:
        """Whether it names a customer and a number, as most rows do: then nothing else needs to be looked at."""
        try:
            return self._names is not None and all(self._names(row.cells))
        except IndexError:
            return False

    def _words_of(self, row: Row) -> tuple[str, str]:
        """Its type and its status."""
        return heading(self._header.cell(row, "type")), heading(self._header.cell(row, "status"))


def _kind_by(kind: str, status: str) -> RowKind:
    by_type = _kind_by_type(kind)
    if by_type is RowKind.OTHER:
        return by_type
    if status in _DRAFTS:
        return RowKind.DRAFT
    return RowKind.VOID if status in _VOIDS else by_type


def _kind_by_type(word: str) -> RowKind:
    if any(credit in word for credit in _CREDITS):
        return RowKind.CREDIT_NOTE
    if (
        word == "bill"
        or word.startswith(("vendor", "supplier"))
        or ("invoice" not in word and any(other in word for other in _OTHERS))
    ):
        return RowKind.OTHER
    return RowKind.INVOICE


def _is_something(row: Row, header: Header) -> bool:
    filled = row.filled
    if not filled or not any(header.cell(row, field) for field in header.places):
        return False
    first = next(cell for cell in row.cells if cell)
    if filled == 1:
        return any(mark.isdigit() for mark in first) and " " not in first
    return not _SUM.fullmatch(first) or bool(header.cell(row, "customer") and header.cell(row, "number"))
