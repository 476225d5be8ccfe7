"""MT940 as German, Dutch and other banks write it."""

from __future__ import annotations

from datetime import date

from portal.bank_statements.swift import read_swift

GERMAN = """:20:STARTUMSE
:25:10010010/0123456789
:28C:00001/001
:60F:C261118EUR1000,00
:61:2611191119CR960,00NTRFNONREF//POS 77
:86:166?00SEPA GUTSCHRIFT?109310?20EREF+KUNDE 4711?21SVWZ+RF32 1
048 DANKE?30DEUTDEDBBER?31DE02120300000000202051?32BEISPIEL BOOTSB
AU GM?33BH
:61:2611191119D50,00NDDTNONREF
:86:105?00LASTSCHRIFT?20SVWZ+Strom
:61:2611191119RC120,00NTRFNONREF//POS 78
:86:166?00STORNO?20EREF+KUNDE 4712?21SVWZ+Rechnung 1047?32Muster
:62F:C261119EUR1790,00
:86:Words about the statement
-
:20:SECOND
:25:10010010/0000000001
:28C:00001/001
:60F:C261118EUR0,00
:61:2611201120C1,00NMSC1042
:86:Zahlung ohne Felder
:62F:C261119EUR1,00
-
"""
DUTCH = """:20:940S
:25:NL71RABO0123456789EUR
:28C:0
:60F:C261118EUR0,00
:61:261119C000000000840,00N541EREF
NL70ABNA0987654321
:86:/EREF/E2E-9/ORDP//NAME/J. DE VRIES/REMI/Invoice 1042/ISDT/2026-11-19
:62F:C261119EUR840,00
"""


def test_german_fields() -> None:
    found = read_swift(GERMAN.encode(), "s.sta")
    credit, storno, other = found.bookings
    assert (credit.amount.minor, credit.value_on) == (96000, date(2026, 11, 19))
    assert "RF32 1048 DANKE" in credit.text
    assert credit.payer is not None
    assert credit.payer.replace(" ", "") == "BEISPIELBOOTSBAUGMBH"
    assert credit.end_to_end == "KUNDE 4711"
    assert (storno.is_return, storno.amount.minor) == (True, 12000)
    assert other.text.startswith("Zahlung ohne Felder")
    assert other.account == "10010010/0000000001"
    assert [one.line for one in found.bookings] == [5, 11, 20]
    assert found.passed_over == {"outgoing": 1}
    assert found.problems == ()


def test_slashed_fields() -> None:
    (booking,) = read_swift(DUTCH.encode(), "s.sta").bookings
    assert (booking.payer, booking.end_to_end) == ("J. DE VRIES", "E2E-9")
    assert booking.text.startswith("Invoice 1042")


def test_a_broken_statement_is_named_by_its_line_and_spoils_no_other() -> None:
    broken = GERMAN.replace(":61:2611191119CR960,00", ":61:26119CR960,00", 1)
    found = read_swift(broken.encode(), "s.sta")
    assert [one.line for one in found.problems] == [1]
    assert [one.text.split()[0] for one in found.bookings] == ["Zahlung"]


def test_a_text_that_is_the_name_of_a_file_is_not_opened() -> None:
    assert read_swift(b"/etc/passwd", "s.sta").bookings == ()
