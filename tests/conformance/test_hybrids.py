"""Real hybrid PDFs of many makers: ZUGFeRD 1 and its trial version, ZUGFeRD 2, Factur-X in its profiles."""

from __future__ import annotations

import io
import shutil
from collections import Counter
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from pypdf import PdfReader

from portal.receivables.invoice import PaymentMeans
from portal.sources import load, read_one

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
FOLDER = SAMPLES / "zugferd-pdf"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"there are no foreign samples in {FOLDER}")

EXPECTED = {
    "Avoir_FR_type380_EN16931.pdf": ("AV-2017-0005", "-233.47", "-233.47", "2017-11-16", "2017-11-16", 2),
    "Facture_DOM_EN16931.pdf": ("FA-2017-0009", "530.75", "383.75", "2017-11-05", "2017-12-05", 3),
    "Facture_UE_BASICWL.pdf": ("FA-2017-0008", "2076.76", "1453.76", "2017-11-03", "2017-12-03", 0),
    "MustangGnuaccountingBeispielRE-20140522_501.pdf": (
        "RE-20140522/501", "571.04", "571.04", "2014-05-22", "2014-06-12", 3,
    ),
    "MustangGnuaccountingBeispielRE-20171118_506.pdf": (
        "RE-20171118/506", "571.04", "571.04", "2017-11-18", "2017-12-09", 3,
    ),
    "ZUGFeRD_1p0_COMFORT_Rechnungskorrektur.pdf": ("RK21012345", "-8.79", "0.00", "2013-09-16", "None", 6),
    "fail3.pdf": ("RE-20170509/505", "571.04", "571.04", "2017-05-09", "2017-05-30", 3),
    "python-factur-x.pdf": ("RE-20171118/506", "571.04", "571.04", "2017-11-18", "2017-12-09", 3),
    "zugferd_2p0_BASIC_Einfach.pdf": ("471102", "235.62", "235.62", "2018-03-05", "2018-04-04", 1),
    "zugferd_2p0_EN16931_Einfach.pdf": ("471102", "529.87", "529.87", "2018-03-05", "None", 2),
    "zugferd_2p0_EN16931_Miete.pdf": ("9314110911/00/M/00/N", "340.96", "340.96", "2018-10-01", "None", 6),
    "zugferd_2p0_EN16931_SEPA_Prenotification.pdf": ("471102", "529.87", "529.87", "2018-03-05", "None", 2),
    "zugferd_2p0_EXTENDED_Warenrechnung.pdf": ("R87654321012345", "518.99", "518.99", "2018-08-06", "None", 11),
}  # fmt: skip
"""Number, total, amount due, issue and due date, and lines on the page, as the documents print them."""


def test_no_sample_is_forgotten() -> None:
    assert {path.name for path in FOLDER.iterdir()} == EXPECTED.keys()


@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_printed_is_read(name: str) -> None:
    reading = read_one(FOLDER / name, SAMPLES)
    assert reading.problems == ()
    (invoice,) = reading.invoices
    assert (
        invoice.number,
        invoice.total.decimal_text,
        invoice.stated_due.decimal_text,
        str(invoice.issued_on),
        str(invoice.due_on),
        len(invoice.lines),
    ) == EXPECTED[name]
    assert (invoice.means is PaymentMeans.DIRECT_DEBIT) == ("SEPA" in name)


@pytest.mark.parametrize("name", EXPECTED)
def test_amounts_against_another_parser(name: str) -> None:
    """The XML by ElementTree, its elements by their local names wherever they stand."""
    ((content,),) = PdfReader(FOLDER / name).attachments.values()
    elements = [
        (element.tag.rpartition("}")[2], (element.text or "").strip())
        for element in ET.parse(io.BytesIO(content)).iter()  # noqa: S314  files we keep ourselves
    ]
    texts = {tag: text for tag, text in reversed(elements) if text}
    (invoice,) = read_one(FOLDER / name, SAMPLES).invoices
    assert invoice.total.decimal == Decimal(texts["GrandTotalAmount"])
    assert invoice.stated_due.decimal == Decimal(texts["DuePayableAmount"])
    assert invoice.amount_prepaid.decimal == Decimal(texts.get("TotalPrepaidAmount", "0"))
    assert invoice.currency == texts["InvoiceCurrencyCode"]


def test_all_in_one_folder(tmp_path: Path) -> None:
    """Three have one number with different claims, two another with the same one; each shows the PDF it is."""
    shutil.copytree(FOLDER, tmp_path / "invoices")
    loaded = load(tmp_path)
    assert loaded.problems == ()
    counts = Counter(invoice.number for invoice in loaded.invoices)
    assert counts["471102"] == 2
    assert counts["RE-20171118/506"] == 1
    assert len({invoice.key for invoice in loaded.invoices}) == len(loaded.invoices) == len(EXPECTED) - 2
    assert all(invoice.original and invoice.original.file == invoice.source for invoice in loaded.invoices)
