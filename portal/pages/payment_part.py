"""The payment part of a Swiss QR-bill, with its receipt, for pages that are printed: words and values, nothing drawn.

Titles, headings and their order are those of the Implementation Guidelines QR-bill 2.3 of SIX, chapter 3 and annex D,
which has them in German, French, Italian and English. The values are read from the text of the symbol itself, so that
what is printed beside it is what it says.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal.texts import language_of, spoken
from portal.transfers.accounts import grouped

_AT_HOME = frozenset({"CH", "LI"})
_STANDARD = "en"
"""For pages in a language that the guidelines have no words for."""


@dataclass(frozen=True, slots=True)
class PartWords:
    """The titles and headings in one language."""

    part: str
    receipt: str
    account: str
    reference: str
    message: str
    payable_by: str
    currency: str
    amount: str
    acceptance: str
    separate: str


@dataclass(frozen=True, slots=True)
class PaymentPart:
    """What stands on the payment part and on its receipt.

    Attributes:
        lang: of the words.
        account: the IBAN, then name and address of who is paid, line by line.
        reference: in groups; None where the symbol carries none.
        message: what it is for; None where the symbol carries none.
    """

    lang: str
    words: PartWords
    account: tuple[str, ...]
    reference: str | None
    message: str | None
    currency: str
    amount: str


_WORDS = {
    "de": PartWords(
        part="Zahlteil",
        receipt="Empfangsschein",
        account="Konto / Zahlbar an",
        reference="Referenz",
        message="Zusätzliche Informationen",
        payable_by="Zahlbar durch (Name/Adresse)",
        currency="Währung",
        amount="Betrag",
        acceptance="Annahmestelle",
        separate="Vor der Einzahlung abzutrennen",
    ),
    "fr": PartWords(
        part="Section paiement",
        receipt="Récépissé",
        account="Compte / Payable à",
        reference="Référence",
        message="Informations supplémentaires",
        payable_by="Payable par (nom/adresse)",
        currency="Monnaie",
        amount="Montant",
        acceptance="Point de dépôt",
        separate="A détacher avant le versement",
    ),
    "it": PartWords(
        part="Sezione pagamento",
        receipt="Ricevuta",
        account="Conto / Pagabile a",
        reference="Riferimento",
        message="Informazioni supplementari",
        payable_by="Pagabile da (nome/indirizzo)",
        currency="Valuta",
        amount="Importo",
        acceptance="Punto di accettazione",
        separate="Da staccare prima del versamento",
    ),
    "en": PartWords(
        part="Payment part",
        receipt="Receipt",
        account="Account / Payable to",
        reference="Reference",
        message="Additional information",
        payable_by="Payable by (name/address)",
        currency="Currency",
        amount="Amount",
        acceptance="Acceptance point",
        separate="Separate before paying in",
    ),
}


def payment_part(text: str, reference: str) -> PaymentPart:
    """The payment part for a symbol.

    Args:
        text: of the symbol, from ``swiss_text``.
        reference: as people read it; shown where the symbol carries one in its own field.
    """
    lines = text.split("\r\n")
    iban, name, street, number, postcode, town, country = (lines[at] for at in (3, 5, 6, 7, 8, 9, 10))
    place = f"{postcode} {town}".strip()
    address = (f"{street} {number}".strip(), place if country in _AT_HOME else f"{country}-{place}")
    language = language_of(spoken())
    lang = language if language in _WORDS else _STANDARD
    return PaymentPart(
        lang=lang,
        words=_WORDS[lang],
        account=(grouped(iban), name, *filter(None, address)),
        reference=reference if lines[28] else None,
        message=lines[29] or None,
        currency=lines[19],
        amount=_in_groups(lines[18]),
    )


def _in_groups(amount: str) -> str:
    """``1949.75`` as ``1 949.75``: the guidelines ask for a space between thousands, and for a point."""
    whole, point, rest = amount.partition(".")
    return f"{int(whole):,}".replace(",", "\N{NO-BREAK SPACE}") + point + rest
