"""PDFs that carry an e-invoice: read once, and shown as the document they are."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfWriter

from portal.sources.sealed import SealedReader

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from portal.sources import Loaded

    Read = Callable[..., Loaded]


def pdf(**attachments: str | bytes) -> bytes:
    """A PDF of one blank page; the names of its attachments have ``_`` for the points in them."""
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    for name, content in attachments.items():
        writer.add_attachment(name.replace("_", "."), content if isinstance(content, bytes) else content.encode())
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


@pytest.mark.parametrize("name", ["factur-x_xml", "ZUGFeRD-invoice_xml", "rechnung 7_XML"])
def test_the_invoice_inside_is_read_and_the_pdf_is_its_document(read: Read, cii: str, name: str) -> None:
    loaded = read({"a/x.pdf": pdf(**{name: cii, "notes_txt": "hello", "order_xml": "<order/>"})})
    assert loaded.problems == loaded.warnings == ()
    (invoice,) = loaded.invoices
    assert (invoice.number, invoice.source, str(invoice.total)) == ("C-1", "invoices/a/x.pdf", "EUR 119.00")
    assert invoice.original is not None
    assert invoice.original.file == "invoices/a/x.pdf"


def test_the_name_of_the_standard_goes_first(read: Read, cii: str, ubl: str) -> None:
    loaded = read({"x.pdf": pdf(**{"a_xml": ubl, "factur-x_xml": cii})})
    assert [invoice.number for invoice in loaded.invoices] == ["C-1"]


@pytest.mark.parametrize("name", ["x.pdf", "C-1.pdf", "a/other.pdf"])
def test_a_pdf_beside_another_file_is_not_read_twice(read: Read, cii: str, name: str) -> None:
    loaded = read({"x.xml": cii, name: pdf(**{"factur-x_xml": cii})})
    assert loaded.problems == loaded.warnings == ()
    (invoice,) = loaded.invoices
    assert invoice.source == "invoices/x.xml"
    assert invoice.original is not None
    assert invoice.original.file == f"invoices/{name}"


def test_a_pdf_of_an_invoice_that_was_paid_in_part_since_is_its_document(read: Read, cii: str) -> None:
    table = "Number,Customer,Date,Currency,Total,Balance\nC-1,Buyer & Sons,2026-10-01,EUR,119.00,50.00\n"
    loaded = read({"open.csv": table, "scan.pdf": pdf(**{"factur-x_xml": cii})})
    assert [(invoice.source, invoice.original is not None) for invoice in loaded.invoices] == [
        ("invoices/open.csv:2", True)
    ]


def test_another_claim_under_the_same_number_is_a_claim_of_its_own(read: Read, cii: str) -> None:
    loaded = read({"x.xml": cii, "y.pdf": pdf(**{"factur-x_xml": cii.replace("119.00", "120.00")})})
    assert sorted(str(invoice.total) for invoice in loaded.invoices) == ["EUR 119.00", "EUR 120.00"]
    assert len({invoice.key for invoice in loaded.invoices}) == 2


def test_two_copies_of_one_pdf_are_one_invoice(read: Read, cii: str) -> None:
    loaded = read({"x.pdf": pdf(**{"factur-x_xml": cii}), "y.pdf": pdf(**{"factur-x_xml": cii})})
    assert len(loaded.invoices) == 1
    assert loaded.invoices[0].original is not None
    assert "counted once" in loaded.warnings[0].problem


def test_a_problem_says_that_it_is_inside(read: Read, cii: str) -> None:
    loaded = read({"x.pdf": pdf(**{"factur-x_xml": cii.replace("<r:ID>C-1</r:ID>", "")})})
    assert [(problem.file, problem.line) for problem in loaded.problems] == [("invoices/x.pdf", 5)]
    assert loaded.problems[0].problem.endswith("(In the attachment factur-x.xml.)")


def test_a_pdf_without_an_invoice_is_a_warning_and_a_broken_one_a_problem(read: Read, cii: str) -> None:
    files = {"1.pdf": pdf(), "2.pdf": b"%PDF-1.7\nnothing", "3.pdf": pdf(x_xml="<order/>"), "4.xml": cii}
    loaded = read(files)
    assert [invoice.number for invoice in loaded.invoices] == ["C-1"]
    assert [problem.file for problem in loaded.problems] == ["invoices/2.pdf"]
    assert [warning.file for warning in loaded.warnings] == ["invoices/1.pdf", "invoices/3.pdf"]


def test_what_takes_too_long_or_too_much_is_given_up(tmp_path: Path, cii: str) -> None:
    good, bomb = tmp_path / "good.pdf", tmp_path / "bomb.pdf"
    good.write_bytes(pdf(**{"factur-x_xml": cii}))
    bomb.write_bytes(pdf(**{"factur-x_xml": b"<a>" + bytes(90 << 20)}))
    with SealedReader() as sealed:
        with pytest.raises(Exception, match="cannot be read"):
            sealed.attachments(bomb, "bomb.pdf")
        assert [found.name for found in sealed.attachments(good, "good.pdf")] == ["factur-x.xml"]
    with SealedReader(longest_seconds=0.001) as sealed, pytest.raises(Exception, match="too long"):
        sealed.attachments(good, "good.pdf")


def test_a_process_that_is_gone_before_it_is_asked_is_given_up_too(tmp_path: Path, cii: str) -> None:
    good = tmp_path / "good.pdf"
    good.write_bytes(pdf(**{"factur-x_xml": cii}))
    with SealedReader() as sealed:
        process = sealed._running()
        process.kill()
        process.wait()
        with pytest.raises(Exception, match="too long or too much"):
            sealed.attachments(good, "good.pdf")
        assert [found.name for found in sealed.attachments(good, "good.pdf")] == ["factur-x.xml"]


ZUGFERD_1 = """<rsm:CrossIndustryDocument xmlns:rsm="urn:ferd:CrossIndustryDocument:invoice:1p0"
 xmlns:r="urn:r" xmlns:u="urn:u">
<rsm:HeaderExchangedDocument><r:ID>Z-1</r:ID><r:TypeCode>380</r:TypeCode>
<r:IssueDateTime><u:DateTimeString format="102">20261001</u:DateTimeString></r:IssueDateTime>
</rsm:HeaderExchangedDocument>
<rsm:SpecifiedSupplyChainTradeTransaction>
<r:ApplicableSupplyChainTradeAgreement><r:BuyerTradeParty><r:Name>Buyer</r:Name></r:BuyerTradeParty>
</r:ApplicableSupplyChainTradeAgreement>
<r:ApplicableSupplyChainTradeSettlement><r:InvoiceCurrencyCode>EUR</r:InvoiceCurrencyCode>
<r:SpecifiedTradeSettlementMonetarySummation><r:GrandTotalAmount currencyID="EUR">119.00</r:GrandTotalAmount>
<r:TotalPrepaidAmount currencyID="EUR">19.00</r:TotalPrepaidAmount></r:SpecifiedTradeSettlementMonetarySummation>
</r:ApplicableSupplyChainTradeSettlement>
</rsm:SpecifiedSupplyChainTradeTransaction></rsm:CrossIndustryDocument>"""


def test_zugferd_1_may_leave_the_amount_due_out(read: Read) -> None:
    loaded = read({"x.pdf": pdf(**{"ZUGFeRD-invoice_xml": ZUGFERD_1})})
    assert loaded.problems == ()
    assert [(one.number, str(one.stated_due)) for one in loaded.invoices] == [("Z-1", "EUR 100.00")]
