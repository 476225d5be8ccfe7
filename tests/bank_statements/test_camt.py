"""camt messages: what is booked, split, undone, left aside; and what is wrong with them, by line."""

from __future__ import annotations

from datetime import date

from bank_files import Line, camt053

from portal.bank_statements.camt import read_camt
from portal.receivables.money import Money

ACCOUNT = "GB33BUKB20201555555555"


def test_a_credit_has_everything_the_bank_says() -> None:
    line = Line("840.00", "Rent & more", "Näme <Ltd>", "RF181042", "ACSR-77001", "E2E-5")
    (booking,) = read_camt(camt053(line).encode(), "s.xml").bookings
    assert booking.amount == Money(84000, "GBP")
    assert (booking.payer, booking.text, booking.references) == ("Näme <Ltd>", "Rent & more", ("RF181042",))
    assert (booking.end_to_end, booking.value_on, booking.account) == ("E2E-5", date(2026, 11, 19), ACCOUNT)
    assert booking.key == f"{ACCOUNT}/ACSR-77001/GBP 840.00"
    assert booking.line is not None
    assert not booking.is_return


def test_what_is_not_booked_or_went_out_is_counted() -> None:
    found = read_camt(camt053(Line("1.00", status="PDNG"), Line("2.00", sign=-1), Line("3.00")).encode(), "s.xml")
    assert [one.amount.minor for one in found.bookings] == [300]
    assert found.passed_over == {"not booked yet": 1, "outgoing": 1}


def test_a_batch_is_split_to_the_cent_and_keeps_its_name() -> None:
    parts = (Line("300.00", "1042", end_to_end="A"), Line("200.00", "1043", end_to_end="B"))
    whole = camt053(Line("500.00", bank_reference="BATCH-1", parts=parts))
    first, second = read_camt(whole.encode(), "s.xml").bookings
    assert (first.amount.minor, second.amount.minor) == (30000, 20000)
    assert {first.batch, second.batch} == {f"{ACCOUNT}/BATCH-1"}
    unsplit = read_camt(camt053(Line("500.00", bank_reference="BATCH-1", count=2)).encode(), "t.xml").bookings[0]
    assert unsplit.key == first.batch
    assert unsplit.payments == 2


def test_a_batch_that_does_not_add_up_is_not_split() -> None:
    found = read_camt(camt053(Line("500.00", parts=(Line("300.00"), Line("201.00")))).encode(), "s.xml")
    assert [(one.amount.minor, one.payments) for one in found.bookings] == [(50000, 2)]
    assert "do not add up" in found.warnings[0].problem


def test_a_reversal_of_a_credit_is_a_return() -> None:
    text = camt053(Line("840.00", "1042", sign=-1, reversal=True, bank_reference="R-1"))
    (booking,) = read_camt(text.encode(), "s.xml").bookings
    assert booking.is_return
    assert booking.payer == "Sample Customer Ltd"


def test_a_reversal_of_a_debit_is_no_payment() -> None:
    """The owner's own transfer came back: credited, but nobody paid an invoice."""
    found = read_camt(camt053(Line("840.00", reversal=True)).encode(), "s.xml")
    assert found.bookings == ()


def test_the_same_movement_has_one_key_in_every_statement() -> None:
    one, other = (
        read_camt(camt053(*lines).encode(), file).bookings
        for file, lines in (
            ("a.xml", (Line("5.00", "x"), Line("840.00", "1042"))),
            ("b.xml", (Line("840.00", "1042"), Line("840.00", "1042"))),
        )
    )
    assert one[1].key == other[0].key
    assert other[0].key != other[1].key


def test_problems_name_line_and_remedy_and_spoil_no_other_entry() -> None:
    text = camt053(Line("12.345"), Line("1.00", currency="DEM"), Line("3.00"))
    found = read_camt(text.encode(), "s.xml")
    assert [one.amount.minor for one in found.bookings] == [300]
    assert [bool(one.line and one.remedy) for one in found.problems] == [True, True]


def test_no_doctype_and_no_other_message() -> None:
    hostile = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    assert "DOCTYPE, which no bank statement has" in read_camt(hostile, "s.xml").problems[0].problem
    assert "holds no statement" in read_camt(b"<Document/>", "s.xml").problems[0].problem
