"""Which column of a table is which: headings by their usual names, in several languages and programs."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portal.sources.csv_text import Row

HEADER_WITHIN = 40
"""The header is looked for in this many rows."""

_NAMES = {
    "number": """invoice number | invoice no | invoice num | invoice nr | invoice # | inv no | inv # | number | num | no
        | nr | document number | doc number | document no | invoice | invoice invoice number | invoice id number
        | rechnungsnummer | rechnungsnr | rechnungs nr | rechnung nr | rechnung | belegnummer | belegnr | nummer
        | numero fattura | n fattura | fattura n | fattura nr | fattura | numero documento | numero
        | numero da fatura | n da fatura | fatura n | fatura | numero de fatura | numero do documento
        | numero de facture | n de facture | facture n | n facture | facture | numero facture
        | numero de factura | n de factura | factura n | factura | numero factura | n factura""",
    "customer": """customer name | customer | customer full name | client name | client | contact name | contact
        | company name | bill to | billed to | invoice partner display name | partner | buyer | buyer name | name
        | kundenname | kunde | kundin | empfanger | rechnungsempfanger | firma | debitor
        | nome cliente | cliente | ragione sociale | intestatario | denominazione
        | nome do cliente | razao social | nome | client nom | nom du client | nom client | raison sociale | nom
        | nombre del cliente | nombre cliente | razon social | nombre""",
    "email": """email | e-mail | email address | e-mail address | customer email | client email | contact email
        | invoice email | billing email | email recipient | primary contact emailid | mail
        | e-mail adresse | emailadresse | indirizzo email | posta elettronica | endereco de email | correio eletronico
        | adresse e-mail | courriel | correo electronico | correo | email cliente""",
    "business": """customer type | client type | customer is a business | is a business | is business | business
        | business customer | b2b | is company | company | kundentyp | kundenart | geschaftskunde | gewerblich
        | tipo cliente | tipo di cliente | tipo de cliente | type de client | type client""",
    # Not a bare "account": in exports of bookkeeping programs that is an account of the ledger, the same for everybody.
    "customer_number": """customer id | customer number | customer no | customer # | customer code | customer ref
        | customer reference | customer account | customer account number | client id | client number | client no
        | client code | contact id | account reference
        | kundennummer | kundennr | kunden nr | kunden nummer | debitorennummer | debitorennr | debitor nr
        | codice cliente | numero cliente | numero de cliente | codigo do cliente | codigo de cliente
        | numero client | n client | code client""",
    "issued_on": """invoice date | issue date | date issued | issued on | issued | issued at | invoiced at
        | document date | date of invoice | invoice/bill date | transaction date | created | date
        | rechnungsdatum | belegdatum | ausstellungsdatum | datum
        | data fattura | data documento | data emissione | data di emissione | data
        | data da fatura | data de emissao | data do documento | data emissao
        | date de facture | date de facturation | date facture | date d'emission
        | fecha de factura | fecha factura | fecha de emision | fecha emision | fecha""",
    "due_on": """due date | invoice due date | date due | due on | due at | due | payment due | payment due date
        | falligkeit | fallig am | falligkeitsdatum | fallig | zahlbar bis | zahlungsziel
        | scadenza | data scadenza | data di scadenza
        | vencimento | data de vencimento | data vencimento
        | echeance | date d'echeance | date echeance
        | vencimiento | fecha de vencimiento | fecha vencimiento""",
    "currency": """currency | currency code | invoice currency | client currency | customer currency
        | wahrung | wahrungscode | valuta | divisa | moeda | codigo da moeda | devise | monnaie | moneda""",
    "total": """invoice total | total amount | invoice amount | grand total | total | total incl tax | total inc tax
        | total including tax | gross total | gross amount | total signed | total in currency | amount total | gross
        | bruttobetrag | gesamtbetrag | rechnungsbetrag | gesamt | brutto | summe brutto | endbetrag
        | importo totale | totale fattura | totale documento | totale
        | valor total | total da fatura | montante total
        | montant ttc | total ttc | montant total | importe total | total factura
        | amount | betrag | importo | valor | montante | montant | importe | summe""",
    "paid": """amount paid | paid to date | invoice paid to date | invoice amount paid | total paid | paid amount
        | amount paid amount | paid | payments | received
        | geldeingang | bezahlt | gezahlt | bezahlter betrag | zahlungen | zahlungseingang
        | pagato | importo pagato | incassato | pago | valor pago | recebido | montant paye | paye | regle
        | pagado | importe pagado | cobrado""",
    "balance": """balance due | amount due | open balance | invoice balance | invoice amount due | balance due amount
        | amount due signed | outstanding | amount outstanding | open amount | amount open | amount remaining | balance
        | remaining | residual | open
        | offen | offener betrag | restbetrag | offener posten | rest | saldo offen | saldo
        | importo dovuto | importo residuo | residuo | da pagare | da saldare
        | em aberto | valor em aberto | em falta | montante em divida | por pagar
        | reste a payer | restant du | solde | solde du | montant du
        | saldo pendiente | pendiente | importe pendiente""",
    "status": """status | invoice status | payment status | state | stato | estado | statut | etat | rechnungsstatus
        | zahlungsstatus""",
    "type": """type | transaction type | document type | invoice type | belegart | art | typ | tipo
        | tipo documento | tipo di documento | tipo de documento | type de document""",
    "reference": """payment reference | zahlungsreferenz | verwendungszweck | causale""",
    "yours": """your reference | your ref | customer po | customer po number
        | ihre referenz | ihr zeichen | kundenreferenz | vostro riferimento | sua referencia | votre reference
        | su referencia""",
    "subject": """subject | project | project name | betreff | projekt | oggetto | assunto | objet | asunto
        | reference | referenz | riferimento | referencia | invoice po number | purchaseorder""",
    "terms": """terms | payment terms label | invoice terms | zahlungsbedingungen | condizioni di pagamento
        | condicoes de pagamento | conditions de paiement | condiciones de pago""",
    "item": """item name | item | product | product/service | artikel | position | articolo | prodotto | produto
        | article | produit | articulo | producto""",
    "description": """item description | item desc | line description | description | details of work | beschreibung
        | bezeichnung | leistung | descrizione | descricao | designation | descripcion | concepto""",
    "quantity": """quantity | qty | item quantity | menge | anzahl | quantita | quantidade | quantite | cantidad""",
    "line_amount": """line amount | line total | item total | item amount | line net amount | positionsbetrag
        | zeilenbetrag | importo riga | totale riga | total da linha | total ligne | montant ligne | total linea
        | importe linea""",
}

_WEAK_TOTALS = "amount | betrag | importo | valor | montante | montant | importe | summe"
FIELDS = tuple(_NAMES)
"""What a column can be."""
DATE_FIELDS = ("issued_on", "due_on")
AMOUNT_FIELDS = ("total", "paid", "balance", "line_amount")
ITEM_FIELDS = ("item", "description", "line_amount")
CLAIM_FIELDS = (
    "customer",
    "customer_number",
    "issued_on",
    "due_on",
    "currency",
    "total",
    "paid",
    "balance",
    "status",
    "type",
)
"""What is the same on every row of one invoice."""


@lru_cache(maxsize=4096)
def heading(text: str) -> str:
    """A heading as it is compared: letters and digits alone, without accents; ``#`` is ``no``, ``Nº`` is ``n``."""
    plain = unicodedata.normalize("NFKD", re.sub("[°º]", "", text.replace("#", "no")).casefold())
    return re.sub(r"[\W_]+", "", "".join(mark for mark in plain if not unicodedata.combining(mark)))


def _ranked(names: str) -> dict[str, int]:
    return {heading(name): rank for rank, name in reversed(list(enumerate(names.split("|"))))}


_RANKS = {field: _ranked(names) for field, names in _NAMES.items()}
_WEAK = frozenset(_ranked(_WEAK_TOTALS))


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a table.

    Attributes:
        row: where it stands.
        places: the position of the column of each field that was found.
        sums_lines: there is no total of an invoice, only amounts of its lines to add up.
    """

    row: Row
    places: Mapping[str, int]
    sums_lines: bool = False

    def cell(self, row: Row, field: str) -> str:
        """The text of a field in a row, empty where there is no such column or cell."""
        place = self.places.get(field)
        return row.cells[place].strip() if place is not None and place < len(row.cells) else ""

    def title(self, field: str) -> str:
        """The heading of a field's column as the owner wrote it."""
        place = self.places.get(field)
        return self.row.cells[place].strip() if place is not None else field


def header_of(rows: Sequence[Row], named: Mapping[str, str]) -> Header | None:
    """The row with most known headings, or None where none has a number and an amount.

    Args:
        rows: the table.
        named: headings that the owner has named for fields.
    """
    best: tuple[int, Header] | None = None
    for row in rows[:HEADER_WITHIN]:
        places = _places(row, named)
        if "number" in places and {"total", "balance", "line_amount"} & places.keys():
            score = len(places)
            if best is None or score > best[0]:
                best = (score, _settled(Header(row, places)))
    return best[1] if best else None


def _places(row: Row, named: Mapping[str, str]) -> dict[str, int]:
    headings = [heading(cell) for cell in row.cells]
    places: dict[str, int] = {}
    for field, ranks in _RANKS.items():
        if field in named:
            wanted = heading(named[field])
            found = [(0, place) for place, text in enumerate(headings) if text == wanted]
        else:
            found = [(ranks[text], place) for place, text in enumerate(headings) if text in ranks]
        if found:
            places[field] = min(found)[1]
    return places


def _settled(header: Header) -> Header:
    """Settle what the amounts are: a column ``Amount`` beside a description, without a balance, is of the line."""
    places = dict(header.places)
    if "total" in places and "line_amount" not in places and "description" in places:
        is_weak = heading(header.title("total")) in _WEAK
        if is_weak and not {"balance", "paid"} & places.keys():
            places["line_amount"] = places.pop("total")
    return Header(header.row, places, sums_lines="line_amount" in places and not {"total", "balance"} & places.keys())
