"""The case file: a dated, printable record of one invoice, as a page and as a PDF, whose digest shows it unchanged."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from itertools import chain, count
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from portal.errors import PortalError, Problem
from portal.papers.case_reminders import reminder_words
from portal.papers.case_sums import balance_rows, fee_section, write_off_rows
from portal.papers.case_words import CaseWords
from portal.papers.paper import file_name, stationery, write_paper
from portal.receivables.terms import LateMode
from portal.reporting.case_files import CaseFile, case_file_of
from portal.wiring.portal import now

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from portal.config import Settings
    from portal.formats import Formats
    from portal.receivables.invoice import Invoice
    from portal.receivables.money import Money
    from portal.wiring.portal import Portal

CASES = "cases"
"""Below the state: case files that were written without a place of their own."""
_RECORD = re.compile(rb'<main id="main" class="paper">\s*(.*?)\s*</main>', re.DOTALL)
_DIGEST = re.compile(rb'<code class="digest">([0-9a-f]{64})</code>')

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class WrittenCase:
    """A case file on disk, and the SHA-256 of its record."""

    path: Path
    digest: str


def write_case(portal: Portal, key: str, to: Path | None = None, *, as_pdf: bool = False) -> WrittenCase:
    """Write the case file of an invoice, below the state unless a place is named. No file is ever replaced.

    Raises:
        UnknownInvoiceError: no invoice as last built has that key.
        PortalError: the place does not take it, or PDFs cannot be made here.
    """
    zone = ZoneInfo(portal.settings.portal.timezone)
    case = case_file_of(portal.ledger, key, portal.today(), zone)
    page, digest = render_case(portal, case)
    name, kind = f"{file_name(key)}-{case.as_of}", "pdf" if as_pdf else "html"
    path = to or _free_place(portal.folders.state / CASES, name, kind)
    _check_place(path, portal.folders.output)
    return WrittenCase(write_paper(path, _pdf(page) if as_pdf else page.encode()), digest)


def _free_place(folder: Path, name: str, kind: str) -> Path:
    """A file that is not there yet: a record that was made stays as it was."""
    names = chain((name,), (f"{name}-{number}" for number in count(2)))
    return next(path for one in names if not (path := folder / f"{one}.{kind}").exists())


def _check_place(path: Path, output: Path) -> None:
    if path.resolve().is_relative_to(output.resolve()):
        problem = "A case file is private, and this is the folder of the published pages."
        raise PortalError(Problem(problem, "Name a place outside it.", file=str(path), field="--to"))
    if path.exists():
        raise PortalError(Problem("There is such a file already.", "Name another one.", file=str(path), field="--to"))


def render_case(portal: Portal, case: CaseFile) -> tuple[str, str]:
    """The page of a case, and the SHA-256 of the record in it: of everything inside its main element."""
    paper = stationery(portal.settings, now())
    shown = _page(portal.settings, case, paper.formats)
    shown["reminders"] = reminder_words(portal, case.invoice.key, paper.formats)
    record = paper.render("case_record", page=shown).strip()
    digest = hashlib.sha256(record.encode()).hexdigest()
    title = f"Case file of invoice {case.invoice.number}, {shown['as_of']}"
    return paper.render("case", title=title, record=Markup(record), digest=digest), digest  # noqa: S704  made above


def check_case(path: Path) -> tuple[str, bool]:
    """The SHA-256 that a case file names, and whether its record still has it.

    Raises:
        PortalError: it is no case file.
    """
    try:
        page = path.read_bytes()
    except OSError as error:
        raise _no_case(path, f"The file cannot be read: {error.strerror}.") from error
    record, named = _RECORD.search(page), _DIGEST.search(page)
    if record is None or named is None:
        raise _no_case(path, "This is no case file that can be checked.")
    digest = named[1].decode()
    return digest, hashlib.sha256(record[1]).hexdigest() == digest


def _no_case(path: Path, problem: str) -> PortalError:
    return PortalError(Problem(problem, "Name an .html file that `portal case` wrote.", file=str(path)))


def _page(settings: Settings, case: CaseFile, formats: Formats) -> Row:
    zone_name = settings.portal.timezone
    zone = ZoneInfo(zone_name)
    invoice = case.invoice
    return {
        "number": invoice.number,
        "customer": invoice.customer,
        "as_of": formats.date(case.as_of),
        "zone": zone_name,
        "cover": list(_cover(settings, case, formats)),
        "balance": balance_rows(case, formats),
        "write_off": write_off_rows(case, formats, zone),
        "fee": fee_section(case, formats, settings),
        "terms": list(_terms(invoice, formats)),
        "terms_quoted": list(_quoted(settings, case)),
        "lines": [_row(one.description, one.amount, formats) for one in invoice.lines],
        "taxes": [_row(one.label, one.amount, formats) for one in invoice.taxes],
        "facts": CaseWords(case, formats, zone, zone_name).facts(),
    }


def _row(label: str, amount: Money, formats: Formats) -> Row:
    return {"label": label, "value": formats.money(amount), "strong": False}


def _cover(settings: Settings, case: CaseFile, formats: Formats) -> Iterator[tuple[str, str]]:
    business, invoice = settings.business, case.invoice
    yield "Owed to", "\n".join(filter(None, (business.legal_name or business.name, business.address)))
    yield "Owed by", "\n".join(filter(None, (invoice.customer.name, invoice.customer.email)))
    if invoice.customer.reference:
        yield "Customer number", invoice.customer.reference
    yield "Invoice", invoice.number
    if invoice.order_reference:
        yield "Their reference", invoice.order_reference
    if invoice.subject:
        yield "For", invoice.subject
    yield "Dated", formats.date(invoice.issued_on) if invoice.issued_on else "No date"
    yield "Due on", formats.date(invoice.due_on) if invoice.due_on else "No due date"
    yield "State", case.now.balance.status.value.replace("_", " ").capitalize()
    yield "Left to pay", formats.money(case.now.balance.amount_remaining)
    yield "Source", invoice.source


def _terms(invoice: Invoice, formats: Formats) -> Iterator[str]:
    """What paying early saves and paying late costs, as worked out for this invoice."""
    terms = invoice.terms
    for tier in terms.discounts:
        off = formats.money(tier.fixed) if tier.fixed else f"{(tier.rate * 100).normalize():f} %"
        yield f"Who pays by {formats.date(tier.last_on)} may take off {off}."
    if terms.late is None:
        yield "Paying late costs nothing."
    elif terms.late.mode is LateMode.SHOWN:
        yield "The page said ahead that a late fee may be charged; none is."
    else:
        yield f"A late fee is charged from {formats.date(terms.late.starts_on)} on."


def _quoted(settings: Settings, case: CaseFile) -> Iterator[dict[str, str]]:
    if case.invoice.terms_text:
        yield {"what": "The invoice's own words:", "words": case.invoice.terms_text}
    if settings.terms.summary:
        yield {"what": "On each page, as set on the day of this file:", "words": settings.terms.summary}


def _pdf(page: str) -> bytes:
    """The page printed; nothing is fetched for it from anywhere."""
    try:
        from weasyprint import HTML  # noqa: PLC0415  slow to import, and not needed otherwise
    except (ImportError, OSError) as error:
        problem = "PDFs cannot be made here: WeasyPrint, or a library that it needs, is not installed."
        remedy = 'Install it with `pip install "invoice-payment-portal[pdf]"`, or print the page from a browser.'
        raise PortalError(Problem(problem, remedy, field="--pdf")) from error
    return bytes(HTML(string=page, url_fetcher=_fetch_nothing).write_pdf() or b"")


def _fetch_nothing(url: str, *_more: object, **_named: object) -> Any:  # noqa: ANN401  WeasyPrint's own
    from weasyprint import default_url_fetcher  # noqa: PLC0415  as above

    if not url.startswith("data:"):
        raise ValueError("a paper loads nothing from elsewhere")
    return default_url_fetcher(url)
