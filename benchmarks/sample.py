"""A sample business with as many invoices as are wanted: the same ones for the same number, on every machine.

    python benchmarks/sample.py 10000 /tmp/sample

writes ``content/`` for the portal (one table of eight rows an invoice) and ``invoices.jsonl`` for its peers.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

AS_OF = date(2026, 11, 21)
"""The day that every run speaks of."""
LINES = 8
_TABLE = 10_000
SETTINGS = """\
[business]
name = "Harbour & Pine Joinery"
legal_name = "Harbour & Pine Joinery Ltd"
address = "1 Sample Quay, Exampleton EX4 0MP (this business is a sample)"
email = "hello@example.com"
phone = "01632 960 142"

[portal]
base_url = "http://127.0.0.1:8000"
locale = "en-GB"
timezone = "Europe/London"

[terms]
summary = "Payment is due on the date shown. If you need longer, tell us before then."

[payments]
part = true

[[plans]]
payments = 3
overdue_only = true

[[plans]]
payments = 6
overdue_only = true

[[bank]]
sort_code = "00-00-00"
account_number = "00000000"

[[bank]]
iban = "DE89 3704 0044 0532 0130 00"
"""
_HEADER = (
    *("Invoice Number", "Customer Name", "Email", "Invoice Date", "Due Date", "Currency", "Invoice Total"),
    *("Amount Paid", "Balance Due", "Subject", "Item Description", "Quantity", "Line Amount"),
)
_THINGS = "Oak shelf|Ash table|Beech workbench|Pine door|Larch cladding|Elm bench|Walnut tray|Cherry stool".split("|")
_WORK = "made to measure|planed and oiled|delivered and fitted|repaired|with new hinges|in two parts".split("|")
_NAMES = "Example Bakers|Specimen Gardens|Sample Chapel|Nowhere Library|Example Makers|Sample Theatre".split("|")


def sample_invoices(count: int, currency: str = "GBP") -> Iterator[dict[str, Any]]:
    """Invoices as plain values: amounts in hundredths, days as ISO text; a third is overdue, a third paid in part."""
    random = Random(20261121)  # noqa: S311  sample values, not secrets
    for number in range(1, count + 1):
        issued = AS_OF - timedelta(days=random.randrange(5, 60))
        amounts = [random.randrange(1_000, 90_000) for _ in range(LINES)]
        total = sum(amounts)
        paid = total * random.randrange(10, 60) // 100 if number % 3 == 0 else 0
        name = random.choice(_NAMES)
        yield {
            "token": hashlib.sha256(str(number).encode()).hexdigest()[:32],
            "number": f"2026-{number:06}",
            "customer": f"{name} {number}",
            "email": f"accounts{number}@example.com",
            "issued_on": issued.isoformat(),
            "due_on": (issued + timedelta(days=30)).isoformat(),
            "currency": currency,
            "subject": f"{random.choice(_THINGS)} for {name}",
            "lines": [
                [f"{random.choice(_THINGS)}, {random.choice(_WORK)}", random.randrange(1, 9), amount]
                for amount in amounts
            ],
            "total": total,
            "paid": paid,
        }


def write_sample(folder: Path, count: int, currency: str = "GBP", *, settings: str = SETTINGS) -> Path:
    """The portal's content folder with these invoices; the other form lies beside it as ``invoices.jsonl``."""
    content = folder / "content"
    tables = content / "invoices"
    tables.mkdir(parents=True, exist_ok=True)
    (content / "portal.toml").write_text(settings, encoding="utf-8")
    _write(folder, list(sample_invoices(count, currency)))
    return content


def _write(folder: Path, invoices: list[dict[str, Any]]) -> None:
    """One table of 10,000 invoices each, and all of them as JSON lines."""
    for start in range(0, len(invoices), _TABLE):
        table = folder / "content" / "invoices" / f"{start // _TABLE + 1:03}.csv"
        with table.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(_HEADER)
            for invoice in invoices[start : start + _TABLE]:
                rows.writerows(_rows(invoice))
    lines = "".join(json.dumps(invoice) + "\n" for invoice in invoices)
    (folder / "invoices.jsonl").write_text(lines, encoding="utf-8")


def change_one(folder: Path, number: str, subject: str = "Changed by its owner") -> None:
    """Another subject on one invoice, in both forms."""
    text = (folder / "invoices.jsonl").read_text(encoding="utf-8")
    invoices = [json.loads(line) for line in text.splitlines()]
    for invoice in invoices:
        if invoice["number"] == number:
            invoice["subject"] = subject
    _write(folder, invoices)


def _rows(invoice: dict[str, Any]) -> Iterator[list[str]]:
    names = ("number", "customer", "email", "issued_on", "due_on", "currency")
    sums = (invoice["total"], invoice["paid"], invoice["total"] - invoice["paid"])
    shared = [*(invoice[name] for name in names), *map(_decimal, sums), invoice["subject"]]
    for description, quantity, amount in invoice["lines"]:
        yield [*shared, description, str(quantity), _decimal(amount)]


def _decimal(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--currency", default="GBP")
    wanted = parser.parse_args()
    write_sample(wanted.folder, wanted.count, wanted.currency)
