"""OFX in both its forms, with the quirks of real banks."""

from __future__ import annotations

from datetime import date

from portal.bank_statements.ofx import read_ofx

SGML = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
ENCODING:USASCII
CHARSET:1252

<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>GBP
<BANKACCTFROM><BANKID>202015<ACCTID>55555555<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20261101
<STMTTRN>
<TRNTYPE>CREDIT
<DTPOSTED>20261119120000[0:GMT]
<TRNAMT>840.00
<FITID>20261119-1
<NAME>SAMPLE &amp; CUSTOMER
<MEMO>INV 1042
</STMTTRN>
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261119<TRNAMT>-12.00<FITID>20261119-2<NAME>SHOP
</STMTTRN>
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20261120<TRNAMT>-840.00<FITID>20261120-1<CORRECTFITID>20261119-1
<CORRECTACTION>DELETE</STMTTRN>
</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""
XML = """<?xml version="1.0" encoding="UTF-8"?><?OFX OFXHEADER="200" VERSION="211"?>
<OFX><STMTRS><CURDEF>EUR</CURDEF><BANKACCTFROM><ACCTID>DE02</ACCTID></BANKACCTFROM><BANKTRANLIST>
<STMTTRN><TRNTYPE>CREDIT</TRNTYPE><DTPOSTED>20261119</DTPOSTED><DTAVAIL>20261121</DTAVAIL>
<TRNAMT>1.234,50</TRNAMT><FITID>A1</FITID><NAME>Beispiel</NAME><MEMO>2026-EU-5</MEMO></STMTTRN>
</BANKTRANLIST></STMTRS></OFX>
"""


def test_the_older_form() -> None:
    credit, undone = read_ofx(SGML.encode(), "s.ofx").bookings
    assert (credit.amount.minor, credit.amount.currency) == (84000, "GBP")
    assert (credit.payer, credit.text) == ("SAMPLE & CUSTOMER", "INV 1042")
    assert credit.key == "55555555/20261119-1/GBP 840.00"
    assert (undone.is_return, undone.corrects) == (True, "55555555/20261119-1")


def test_the_xml_form_with_a_decimal_comma_and_its_own_value_date() -> None:
    (booking,) = read_ofx(XML.encode(), "s.ofx").bookings
    assert (booking.amount.minor, booking.amount.currency) == (123450, "EUR")
    assert (booking.value_on, booking.booked_on) == (date(2026, 11, 21), date(2026, 11, 19))


def test_problems_name_their_line() -> None:
    broken = SGML.replace("<TRNAMT>840.00", "<TRNAMT>much").replace("DELETE", "MEND")
    found = read_ofx(broken.encode(), "s.ofx")
    assert found.bookings == ()
    assert [one.line for one in found.problems] == [10, 20]
    assert read_ofx(SGML.replace("GBP", "XXQ").encode(), "s.ofx").problems


def corrected(action: str, amount: str) -> str:
    return SGML.replace("<TRNAMT>-840.00", f"<TRNAMT>{amount}").replace("DELETE", action)


def test_what_the_bank_puts_in_the_place_of_another() -> None:
    _old, new = read_ofx(corrected("REPLACE", "804.00").encode(), "s.ofx").bookings
    assert (new.is_return, new.corrects, new.amount.minor) == (False, "55555555/20261119-1", 80400)
    _old, gone = read_ofx(corrected("REPLACE", "-804.00").encode(), "s.ofx").bookings
    assert gone.is_return, "money that went out leaves nothing of money that came in"
    _old, deleted = read_ofx(corrected("DELETE", "0.00").encode(), "s.ofx").bookings
    assert (deleted.is_return, deleted.amount.minor) == (True, 0)


def test_a_correction_of_nothing_is_an_ordinary_movement() -> None:
    named = corrected("REPLACE", "804.00").replace("<CORRECTFITID>20261119-1", "<CORRECTFITID>NONE")
    assert read_ofx(named.encode(), "s.ofx").bookings[1].corrects is None
