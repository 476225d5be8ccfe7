"""Which column of a bank's table is which: headings by their usual names, in several languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.sources.columns import HEADER_WITHIN
from portal.sources.headings import heading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portal.sources.csv_text import Row

_NAMES = {
    "booked_on": """booking date | date booked | posting date | post date | posted date | posted | transaction date
        | completed date | date completed | date | started date | entry date
        | buchungstag | buchungsdatum | buchung | datum
        | data contabile | data operazione | data registrazione | data movimento | data
        | data de lancamento | data lancamento | data do movimento | data mov | data operacao
        | date comptable | date operation | date d'operation | date de comptabilisation
        | fecha operacion | fecha de operacion | fecha contable | fecha | boekdatum | boekingsdatum""",
    "value_on": """value date | date of value | valuta | valutadatum | wertstellung | wertstellungstag | wert
        | data valuta | data valor | data de valor | date de valeur | date valeur | fecha valor | rentedatum""",
    "amount": """amount | transaction amount | booking amount | net amount | amount eur | amount gbp | amount usd
        | amount chf | betrag | betrag eur | umsatz | umsatz in eur | buchungsbetrag
        | importo | importo eur | ammontare | montante | valor | importancia | montant | importe | bedrag bedrag eur
        | bedrag | transactiebedrag""",
    "credit": """credit | credit amount | credits | paid in | money in | deposit | deposits | in | received
        | haben | gutschrift | gutschrift in chf | entrate | accrediti | avere | dare avere | credito
        | credit eur | haber | ingreso | ingresos | abono | abonos | creditos""",
    "debit": """debit | debit amount | debits | paid out | money out | withdrawal | withdrawals | out
        | soll | lastschrift | belastung | belastung in chf | uscite | addebiti | dare | debito | debiti
        | debit eur | debe | cargo | cargos | debitos | gasto""",
    "currency": """currency | currency code | ccy | wahrung | waehrung | divisa | moeda | devise | moneda | muntsoort
        | munt""",
    "payer": """payer | payer name | payor | counterparty | counterparty name | counter party | name | from
        | sender | debtor | debtor name | payee | payee name | merchant | remitter | other party
        | beguenstigter/zahlungspflichtiger | begunstigter/zahlungspflichtiger | auftraggeber/empfanger
        | auftraggeber / empfanger | auftraggeber/beguenstigter | auftraggeber | zahlungspflichtiger
        | zahlungspflichtige*r | name zahlungsbeteiligter | partner | partnername | zahlungspartner
        | auftraggeber/empfaenger
        | ordinante | controparte | ordenante | contraparte | nome | donneur d'ordre | emetteur | tegenpartij
        | naam tegenpartij | naam / omschrijving""",
    "reference": """payment reference | creditor reference | structured reference | reference number
        | zahlungsreferenz | kundenreferenz | qr referenz | esr referenznummer | riferimento | referencia
        | reference du paiement | betalingskenmerk""",
    "end_to_end": "end to end id | end to end reference | end-to-end-referenz | kundenreferenz (end-to-end) | e2e",
    "bank_id": """transaction id | transactionid | id | fitid | bank reference | transaction reference | entry reference
        | umsatz-id | transaktions-id | buchungsreferenz | cro | volgnr""",
    "account": """account | account number | own account | own iban | account iban | auftragskonto | kontonummer | konto
        | iban auftragskonto | rekening | iban/bban | conto | conta""",
    "direction": """direction | debit/credit | credit debit indicator | dr/cr | cr/dr | type | soll/haben | s/h
        | segno | dare/avere | af bij | af/bij""",
    "status": "status | state | booking status | buchungsstatus | stato | estado | statut",
}
_TEXTS = """reference | description | transaction description | details | memo | narrative | particulars | notes | note
    | message | remittance information | payment details | transaction details | additional information | text
    | verwendungszweck | vwz | buchungstext | beschreibung | mitteilung | mitteilungen | avisierungstext | zahlungszweck
    | causale | descrizione | descrizione operazione | note operazione
    | descricao | descritivo | descricao do movimento | historico
    | libelle | libelle operation | detail | communication | motif
    | concepto | descripcion | observaciones | omschrijving | mededelingen | reference libre"""
DATE_FIELDS = ("booked_on", "value_on")
AMOUNT_FIELDS = ("amount", "credit", "debit")
_IN = frozenset({"credit", "c", "cr", "crdt", "in", "h", "haben", "bij", "avere", "a", "incoming", "+"})
_OUT = frozenset({"debit", "d", "dr", "dbit", "out", "s", "soll", "af", "dare", "outgoing", "-"})
_OPEN = frozenset("pending reverted declined failed vorgemerkt offen inattesa pendente encours pendiente".split())


def _ranked(names: str) -> dict[str, int]:
    return {heading(name): rank for rank, name in reversed(list(enumerate(names.split("|"))))}


_RANKS = {field: _ranked(names) for field, names in _NAMES.items()}
_TEXT_RANKS = _ranked(_TEXTS)


@dataclass(frozen=True, slots=True)
class Columns:
    """The header of a table: the row where it stands, the place of each field, and the columns that hold words."""

    row: Row
    places: Mapping[str, int]
    words: Sequence[int]

    def cell(self, row: Row, field: str) -> str:
        """The text of a field in a row, empty where there is no such column or cell."""
        place = self.places.get(field)
        return row.cells[place].strip() if place is not None and place < len(row.cells) else ""

    def texts(self, row: Row) -> list[str]:
        """All words of a row, each once."""
        cells = (row.cells[place].strip() for place in self.words if place < len(row.cells))
        return list(dict.fromkeys(text for text in cells if text))

    def title(self, field: str) -> str:
        """The heading of a field's column as the bank wrote it."""
        place = self.places.get(field)
        return self.row.cells[place].strip() if place is not None else field


def columns_of(rows: Sequence[Row]) -> Columns | None:
    """The row with most known headings, or None where none has a date and an amount."""
    best: Columns | None = None
    for row in rows[:HEADER_WITHIN]:
        headings = [heading(cell) for cell in row.cells]
        places = _places(headings)
        is_header = places.keys() & set(DATE_FIELDS) and places.keys() & {"amount", "credit"}
        if is_header and (best is None or len(places) > len(best.places)):
            taken = {place for field, place in places.items() if field != "reference"}
            found = [n for n, text in enumerate(headings) if text in _TEXT_RANKS and n not in taken]
            best = Columns(row, places, sorted(found, key=lambda n: _TEXT_RANKS[headings[n]]))
    return best


def is_credit_word(text: str) -> bool | None:
    """Whether a movement came in, by what its row says; None where it does not say so."""
    word = text.strip() if text.strip() in {"+", "-"} else heading(text)
    if word in _IN:
        return True
    return False if word in _OUT else None


def is_open_word(text: str) -> bool:
    """Whether a row's status says that it is not booked."""
    return heading(text) in _OPEN


def _places(headings: Sequence[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for field, ranks in _RANKS.items():
        found = [(ranks[text], place) for place, text in enumerate(headings) if text in ranks]
        if found:
            places[field] = min(found)[1]
    return places
