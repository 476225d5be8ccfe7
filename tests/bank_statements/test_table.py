"""Tables of banks and of their programs: columns by any name, signs in any form, questions instead of guesses."""

from __future__ import annotations

from datetime import date

import pytest

from portal.bank_statements import Notation
from portal.bank_statements.table import read_bank_table
from portal.receivables.money import Money
from portal.sources.dates import DateOrder

GERMAN = """"Kontonummer:";"DE02 1203 0000 0000 2020 51"

"Auftragskonto";"Buchungstag";"Valutadatum";"Buchungstext";"Verwendungszweck";"Beguenstigter/Zahlungspflichtiger";"Betrag";"Waehrung";"Info"
"DE02120300000000202051";"19.11.26";"20.11.26";"GUTSCHRIFT";"Rechnung 1047";"Muster Tischlerei GmbH";"1.000,00";"EUR";"Umsatz gebucht"
"DE02120300000000202051";"19.11.26";"19.11.26";"LASTSCHRIFT";"Strom";"Werke";"-80,00";"EUR";"Umsatz gebucht"
"""  # noqa: E501  as the bank writes it
ENGLISH = """Date,Description,Reference,Money In,Money Out,Balance
19 Nov 2026,SAMPLE CUSTOMER LTD,INV 1042,840.00,,1840.00
20 Nov 2026,SHOP,,,12.00,1828.00
"""
WISE = """TransferWise ID,Date,Amount,Currency,Description,Payer Name,Direction,Status
T-1,19-11-2026,250.00,EUR,Invoice 1047,Muster,IN,COMPLETED
T-2,20-11-2026,10.00,EUR,Fee,,OUT,COMPLETED
T-3,20-11-2026,10.00,EUR,Later,,IN,PENDING
"""


def test_a_german_table_below_its_title_lines() -> None:
    found = read_bank_table(GERMAN.encode("cp1252"), "s.csv", Notation())
    (booking,) = found.bookings
    assert booking.amount == Money(100000, "EUR")
    assert (booking.payer, booking.value_on, booking.line) == ("Muster Tischlerei GmbH", date(2026, 11, 20), 4)
    assert "Rechnung 1047" in booking.text
    assert found.passed_over == {"outgoing": 1}


def test_two_columns_for_in_and_out_and_a_currency_by_word() -> None:
    (booking,) = read_bank_table(ENGLISH.encode(), "s.csv", Notation("GBP")).bookings
    assert booking.amount == Money(84000, "GBP")
    assert booking.text == "INV 1042 SAMPLE CUSTOMER LTD"
    assert "--currency" in read_bank_table(ENGLISH.encode(), "s.csv", Notation()).problems[0].remedy


def test_a_direction_in_words_and_a_status() -> None:
    found = read_bank_table(WISE.encode(), "s.csv", Notation())
    assert [(one.amount.minor, one.payer) for one in found.bookings] == [(25000, "Muster")]
    assert found.passed_over == {"outgoing": 1, "not booked yet": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Date,Amount,Currency\n03/04/2026,5.00,EUR\n", "--date-order"),
        ("Date,Amount,Currency\n2026-04-03,1.234,EUR\n", "--decimal"),
    ],
)
def test_what_could_be_read_in_two_ways_is_asked(text: str, said: str) -> None:
    found = read_bank_table(text.encode(), "s.csv", Notation())
    assert found.bookings == ()
    assert said in found.problems[0].remedy


def test_the_owner_says_how_dates_are_written() -> None:
    text = b"Date,Amount,Currency\n03/04/2026,5.00,EUR\n"
    (booking,) = read_bank_table(text, "s.csv", Notation(order=DateOrder.MONTH_FIRST)).bookings
    assert booking.value_on == date(2026, 3, 4)


def test_a_bad_row_spoils_no_other() -> None:
    text = b"Date,Amount,Currency\n2026-04-03,much,EUR\nsoon,5.00,EUR\n2026-04-03,5.00,EUR\n"
    found = read_bank_table(text, "s.csv", Notation())
    assert [one.line for one in found.problems] == [2, 3]
    assert len(found.bookings) == 1


def test_what_a_payer_wrote_commands_no_terminal() -> None:
    title, clipboard = "\x1b]0;x\x07", "\x1b]52;c;aGk=\x07"
    table = f"Date,Amount,Currency,Payer,Reference\n2026-11-20,5.00,GBP,A\x9b31m{title}B,inv 1{clipboard}\u202e 2\n"
    (booking,) = read_bank_table(table.encode(), "s.csv", Notation()).bookings
    assert (booking.payer or "").isprintable()
    assert booking.text.isprintable()
    assert "inv 1" in booking.text
