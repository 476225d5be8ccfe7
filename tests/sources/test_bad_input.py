"""Bad files, rows and fields, each beside a good neighbour: the problem says where, the neighbour is kept."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.sources import Loaded

    Read = Callable[..., Loaded]

GOOD_MARKDOWN = '+++\nnumber = "G"\ncustomer = "Good"\ncurrency = "EUR"\ntotal = "1.00"\n+++\n'
FIELDS = {
    "number": '"7"',
    "customer": '"Ada"',
    "issued_on": "2026-01-02",
    "due_on": "2026-02-03",
    "currency": '"EUR"',
    "total": '"10.00"',
}
LINES = {name: place for place, name in enumerate(FIELDS, start=2)}

BAD_AMOUNTS = ["10.5", "1e3", "true", '""', '"ten"', '"1,000.00"', '"10.005"', '"€10"', '"1.2.3"', "2026-01-01", "[]",
               "{}", '"99999999999999999999"', "99999999999999999", "inf", "nan", '"(5)"', '"0x10"']  # fmt: skip
BAD_DATES = [
    '"soon"',
    '"31.10.2026"',
    '"2026-02-30"',
    "20261031",
    "2026-10-31T10:00:00",
    "10:00:00",
    "true",
    '""',
    "1.5",
    "[]",
]
BAD_TEXTS = ["7", "1.5", "true", "2026-01-01", "[]", "{}"]
BAD_NUMBERS = ['""', '"  "', '"a\\u0000b"', '"a\\nb"', '"a\\tb"', '"a\\u202Eb"', '"a\\u200Bb"', f'"{"9" * 121}"', "1.5",
               "true", "[]", "2026-01-01"]  # fmt: skip
BAD_NAMES = ['""', '"  "', '"a\\u0000b"', '"a\\nb"', '"a\\u202Eb"', '"a\\u0085b"', f'"{"x" * 301}"', "7", "true", "[]"]
BAD_CURRENCIES = ['"eur"', '"EURO"', '"€"', '""', '"XXX"', "978", "true"]
BAD_FIELDS = [
    *product(["total"], BAD_AMOUNTS),
    *product(["issued_on", "due_on"], BAD_DATES),
    *product(["number"], BAD_NUMBERS),
    *product(["customer"], BAD_NAMES),
    *product(["currency"], BAD_CURRENCIES),
]


def front(fields: dict[str, str], below: str = "") -> str:
    body = "\n".join(f"{name} = {value}" for name, value in fields.items())
    return f"+++\n{body}\n{below}\n+++\n"


def places(loaded: Loaded) -> list[tuple[str | None, int | None, str | None]]:
    return [(problem.file, problem.line, problem.field) for problem in loaded.problems]


def good_is_kept(loaded: Loaded) -> bool:
    return [invoice.number for invoice in loaded.invoices] == ["G"] and loaded.rejected == 1


@pytest.mark.parametrize(("name", "value"), BAD_FIELDS)
def test_a_bad_field(read: Read, name: str, value: str) -> None:
    loaded = read({"bad.md": front({**FIELDS, name: value}), "good.md": GOOD_MARKDOWN})
    assert places(loaded) == [("invoices/bad.md", LINES[name], name)] or (
        value in {"[]", "{}"} and places(loaded)[0][:2] == ("invoices/bad.md", LINES[name])
    )
    assert loaded.problems[0].remedy
    assert good_is_kept(loaded)


@pytest.mark.parametrize("name", ["subject", "reference", "terms", "email", "status"])
@pytest.mark.parametrize("value", BAD_TEXTS)
def test_a_text_that_is_none(read: Read, name: str, value: str) -> None:
    loaded = read({"bad.md": front({**FIELDS, name: value}), "good.md": GOOD_MARKDOWN})
    assert places(loaded) == [("invoices/bad.md", 8, name)]
    assert good_is_kept(loaded)


@pytest.mark.parametrize("name", ["number", "customer", "currency", "total"])
def test_a_missing_field(read: Read, name: str) -> None:
    fields = {field: value for field, value in FIELDS.items() if field != name}
    loaded = read({"bad.md": front(fields), "good.md": GOOD_MARKDOWN})
    assert places(loaded) == [("invoices/bad.md", 1, name)]
    assert good_is_kept(loaded)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("Number", "number"), ("custommer", "customer"), ("due", None), ("due_date", "due_on"), ("totals", "total"),
     ("payment", "payments"), ("line", "lines"), ("tax", None), ("notes", None), ("e_mail", "email"), ("x", None)],
)  # fmt: skip
def test_an_unknown_field(read: Read, name: str, nearest: str | None) -> None:
    loaded = read({"bad.md": front({**FIELDS, name: '"x"'}), "good.md": GOOD_MARKDOWN})
    assert places(loaded) == [("invoices/bad.md", 8, name)]
    assert nearest is None or f"Did you mean {nearest}?" == loaded.problems[0].remedy
    assert good_is_kept(loaded)


TABLES = {
    "lines": {"description": '"Work"', "amount": '"10.00"'},
    "taxes": {"label": '"VAT"', "amount": '"0.00"'},
    "payments": {"amount": '"5.00"'},
}
BAD_PARTS = [
    *((table, "amount", value) for table, value in product(TABLES, BAD_AMOUNTS[:12])),
    *(("payments", "amount", value) for value in ('"0.00"', '"-5.00"', "0")),
    *(("payments", "paid_on", value) for value in BAD_DATES),
    *(("payments", "method", value) for value in BAD_TEXTS),
    *(("lines", "quantity", value) for value in ("1.5", '"two"', '""', "true", "[]", '"1,5"', '"٣"')),
    *(("lines", "unit", value) for value in BAD_TEXTS),
    *(("lines", "description", value) for value in ('""', '"  "')),
    *(("taxes", "label", value) for value in ('""', '" \\t"')),
    *((table, "colour", '"red"') for table in TABLES),
]


@pytest.mark.parametrize(("table", "name", "value"), BAD_PARTS)
def test_a_bad_part_of_a_list(read: Read, table: str, name: str, value: str) -> None:
    """The first table of the list is good, the second is bad."""
    rows = [TABLES[table], {**TABLES[table], name: value}]
    below = "\n".join(f"[[{table}]]\n" + "\n".join(f"{key} = {text}" for key, text in row.items()) for row in rows)
    fields = {**FIELDS, "total": '"20.00"'}
    loaded = read({"bad.md": front(fields, below), "good.md": GOOD_MARKDOWN})
    line = 8 + 1 + len(TABLES[table]) + list(rows[1]).index(name) + 1
    assert places(loaded) == [("invoices/bad.md", line, f"{table}.2.{name}")]
    assert good_is_kept(loaded)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("number = 1", 1),
        ("---\nnumber: 1\n---\n", 1),
        ("+++\nnumber = 1\n", 1),
        ("# Invoice\n+++\n+++\n", 1),
        ("+++\nnumber = \n+++\n", 2),
        ("+++\nnumber = 1\nnumber = 2\n+++\n", 3),
        ("+++\ncustomer = Ada\n+++\n", 2),
        ("+++\na = '''\n+++\n", 2),
        ("+++\n[[lines]\n+++\n", 2),
        ("+++\nx = 2026-13-01\n+++\n", 2),
        ("+++\nx = " + "[" * 5000 + "\n+++\n", 2),
        ("+++\nx = " + "9" * 5000 + "\n+++\n", 2),
        (b'+++\nnumber = "M\xfcller"\n+++\n', None),
        (b"\xff\xfe+\x00", None),
        ("+++\n" + "\x00" + "\n+++\n", 2),
        (front({**FIELDS, '"²"': '"x"'}), 8),
        (front({**FIELDS, '"9.9"': '"x"'}), 1),
        (front({**FIELDS, "number": "0x" + "f" * 5000}), 2),
    ],
)  # fmt: skip
def test_bad_front_matter(read: Read, text: str | bytes, line: int | None) -> None:
    loaded = read({"bad.md": text, "good.md": GOOD_MARKDOWN})
    assert [(problem.file, problem.line) for problem in loaded.problems] == [("invoices/bad.md", line)]
    assert good_is_kept(loaded)


@pytest.mark.parametrize(
    ("below", "line", "field"),
    [
        ('status = "paid"', 8, "status"),
        ('status = "sent"', 8, "status"),
        ('status = "cancelled"', 1, "cancelled_on"),
        ('status = "open"\ncancelled_on = 2026-01-01', 8, "status"),
        ('lines = "x"', 8, "lines"),
        ("payments = [1]", 8, "payments"),
        ('[taxes]\nlabel = "x"', 8, "taxes"),
        ('[[lines]]\ndescription = "x"\namount = "9.00"', 7, "total"),
    ],
)
def test_fields_that_contradict(read: Read, below: str, line: int, field: str) -> None:
    loaded = read({"bad.md": front(FIELDS, below), "good.md": GOOD_MARKDOWN})
    assert places(loaded) == [("invoices/bad.md", line, field)]
    assert good_is_kept(loaded)


def test_two_addresses_of_one_customer(read: Read) -> None:
    fields = {**FIELDS, "customer": '{ name = "Ada", email = "a@b.example" }', "email": '"c@d.example"'}
    loaded = read({"bad.md": front(fields), "good.md": GOOD_MARKDOWN})
    assert places(loaded) == [("invoices/bad.md", 8, "email")]
    assert good_is_kept(loaded)


@pytest.mark.parametrize(
    ("table", "place"),
    [
        ("", (1, "customer.name")),
        ('name = ""\n', (10, "customer.name")),
        ('name = "Ada"\nmail = "x"\n', (11, "customer.mail")),
        ('name = "Ada"\ndue_on = 2026-01-01\n', (11, "customer.due_on")),
        ('name = "Ada"\nlanguage = 1\n', (11, "customer.language")),
    ],
)
def test_a_bad_customer_table(read: Read, table: str, place: tuple[int, str]) -> None:
    fields = {name: value for name, value in FIELDS.items() if name != "customer"}
    loaded = read({"bad.md": front(fields, f"\n\n[customer]\n{table}"), "good.md": GOOD_MARKDOWN})
    expected = place if table else (9, "customer.name")
    assert [(problem.line, problem.field) for problem in loaded.problems] == [expected]
    assert good_is_kept(loaded)


HEAD = ["Number", "Customer", "Email", "Date", "Due date", "Currency", "Total", "Paid", "Balance"]
ROW = ["B", "Ada", "a@b.example", "2026-10-01", "2026-10-31", "EUR", "100.00", "40.00", "60.00"]
GOOD_ROW = ["G", *ROW[1:]]
BAD_CELLS = [
    *product(["Number"], ["", "  ", "a\x00b", "a\nb", "a\u202eb", "9" * 121]),
    *product(["Customer"], ["", "a\x01b", "a\nb", "x" * 301]),
    *product(["Date", "Due date"], ["soon", "31/31/2026", "2026-02-30", "0", "45230", "2026", "13.13.2026"]),
    *product(["Currency"], ["EURO", "XXX", "12", "USD/EUR"]),
    *product(
        ["Total", "Paid", "Balance"],
        [
            "ten",
            "1.2.3",
            "1,23,4.00",
            "12%",
            "(5",
            "$5",
            "USD 5",
            "1.005",
            "--5",
            "5 pieces",
            "=1+1",
            "1e5",
            "9" * 45,
            "٣",
        ],
    ),
]


def csv_row(cells: list[str]) -> str:
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)


@pytest.mark.parametrize("order", ["bad first", "bad last"])
@pytest.mark.parametrize(("column", "cell"), BAD_CELLS)
def test_a_bad_cell(read: Read, column: str, cell: str, order: str) -> None:
    place = HEAD.index(column)
    bad = csv_row([*ROW[:place], cell, *ROW[place + 1 :]])
    rows = [bad, csv_row(GOOD_ROW)] if order == "bad first" else [csv_row(GOOD_ROW), bad]
    loaded = read({"open.csv": "\n".join([",".join(HEAD), *rows, ""])})
    line = 2 if order == "bad first" else 3
    assert {problem.line for problem in loaded.problems} == {line}
    assert [problem.field for problem in loaded.problems] == [column]
    assert {problem.file for problem in loaded.problems} == {"invoices/open.csv"}
    assert good_is_kept(loaded)


@pytest.mark.parametrize(
    "row",
    [
        "B7",
        "B,Ada",
        "B,Ada,,,,EUR",
        ",Ada,,2026-10-01,,EUR,5,,",
        f"{','.join(ROW)},extra",
        'B,"Ada,,,,EUR,5,,',
        'B,"A"da,,,,EUR,5,,',
    ],
)
def test_a_bad_row(read: Read, row: str) -> None:
    loaded = read({"open.csv": "\n".join([",".join(HEAD), row, ",".join(GOOD_ROW), ""])})
    assert {(problem.file, problem.line) for problem in loaded.problems} == {("invoices/open.csv", 2)}
    assert good_is_kept(loaded)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Name,Phone\nAda,5\n", 1),
        ("Number,Customer\n1,Ada\n", 1),
        ("Customer,Total\nAda,5\n", 1),
        ("just text", 1),
        (b"Number,Customer,Total\n1,\x81\x8d,5\n", None),
        (b"\x00\x01\x02", 1),
        (b"\xff\xfe\x00", None),
    ],
)
def test_a_bad_table(read: Read, text: str | bytes, line: int | None) -> None:
    loaded = read({"bad.csv": text, "good.md": GOOD_MARKDOWN}, "EUR")
    assert [(problem.file, problem.line) for problem in loaded.problems] == [("invoices/bad.csv", line)]
    assert good_is_kept(loaded)


@pytest.mark.parametrize(
    ("toml", "line"),
    [
        ('date_order = "ymd"', 1),
        ("date_order = 1", 1),
        ('decimal = "comma"', 1),
        ('\ncurrency = "euro"', 2),
        ('dateorder = "dmy"', 1),
        ("columns = 1", 1),
        ('[columns]\nnummer = "x"', 2),
        ("[columns]\nnumber = 1", 2),
        ("x =", 1),
        (b"\xff", None),
    ],
)
def test_bad_settings_of_a_table(read: Read, toml: str | bytes, line: int | None) -> None:
    loaded = read({"bad.csv": "Number,Customer,Total\n1,Ada,5\n", "bad.toml": toml, "good.md": GOOD_MARKDOWN}, "EUR")
    assert [(problem.file, problem.line) for problem in loaded.problems] == [("invoices/bad.toml", line)]
    assert good_is_kept(loaded)


def test_a_named_column_that_is_not_there(read: Read) -> None:
    files = {
        "bad.csv": "\nNumber,Customer,Total\n1,Ada,5\n",
        "bad.toml": '[columns]\nemail = "Mailbox"',
        "good.md": GOOD_MARKDOWN,
    }
    loaded = read(files, "EUR")
    assert places(loaded) == [("invoices/bad.csv", 2, "email")]
    assert good_is_kept(loaded)


BAD_UBL = [
    *((f">{good}<", f">{bad}<", line, field)
      for good, line, field, wrong in [
          ("U-1", 5, "ID", ["a&#9;&#x202e;b", "9" * 121]),
          ("2026-10-01", 6, "IssueDate", ["soon", "2026-02-30", "01.10.2026", "2026-1-1"]),
          ("2026-10-31", 7, "DueDate", ["soon", "2026-02-30", "31.10.2026"]),
          ("EUR", 10, "DocumentCurrencyCode", ["euro", "XXX", "978"]),
          ("Buyer", 14, "RegistrationName", ["a&#x85;b", "x" * 301]),
          ("5", 20, "Amount", ["five", "5,00", "5.001", "1e3", "NaN", "INF"]),
          ("119.00", 25, "TaxInclusiveAmount", ["five", "1,119.00", "119.001", "119.0000000000001", "9" * 16]),
          ("100.01", 27, "PayableAmount", ["five", "100,01", "100.011", "1e3", "NaN", "--5"]),
          ("105", 30, "LineExtensionAmount", ["five", "105,00", "105.001"]),
      ]
      for bad in wrong),
    ("<cbc:ID>U-1</cbc:ID>", "", 2, "ID"),
    ("<cbc:ID>U-1</cbc:ID>", "<cbc:ID> </cbc:ID>", 5, "ID"),
    ("<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>", "", 2, "DocumentCurrencyCode"),
    ('<cbc:PayableAmount currencyID="EUR">100.01</cbc:PayableAmount>', "", 24, "PayableAmount"),
    ('<cbc:TaxInclusiveAmount currencyID="EUR">119.00</cbc:TaxInclusiveAmount>', "", 24, "TaxInclusiveAmount"),
    ('<cbc:PayableAmount currencyID="EUR">', '<cbc:PayableAmount currencyID="SEK">', 27, "PayableAmount"),
    ("<cbc:RegistrationName>Buyer</cbc:RegistrationName>", "", 14, "RegistrationName"),
    ("ubl:schema:xsd:Invoice-2", "ubl:schema:xsd:Order-2", 2, "Invoice"),
    ("</Invoice>", "", 33, None),
    ("</Invoice>", "</invoice>", 32, None),
    ("<Invoice ", "<!DOCTYPE x><Invoice ", 2, None),
    ("U-1", "&bomb;", 5, None),
    ("U-1", "\x00", 5, None),
]  # fmt: skip


@pytest.mark.parametrize("case", BAD_UBL)
def test_a_bad_element(read: Read, ubl: str, case: tuple[str, str, int, str | None]) -> None:
    good, bad, line, field = case
    assert good in ubl
    loaded = read({"bad.xml": ubl.replace(good, bad, 1), "good.md": GOOD_MARKDOWN})
    assert places(loaded) == [("invoices/bad.xml", line, field)]
    assert loaded.problems[0].remedy
    assert good_is_kept(loaded)


@pytest.mark.parametrize(
    "case",
    [
        ("<r:ID>C-1</r:ID>", "", 5, "ID"),
        (">20261001<", ">20261301<", 8, "DateTimeString"),
        (">20261031<", ">soon<", 19, "DateTimeString"),
        (">EUR<", ">eur<", 16, "InvoiceCurrencyCode"),
        ("<r:DuePayableAmount>119.00</r:DuePayableAmount>", "", 21, "DuePayableAmount"),
        ("<r:DuePayableAmount>119.00", "<r:DuePayableAmount>119.001", 23, "DuePayableAmount"),
        ("<r:GrandTotalAmount>119.00</r:GrandTotalAmount>", "", 21, "GrandTotalAmount"),
        ("<r:Name>Buyer</r:Name>", "", 13, "Name"),
        ("CrossIndustryInvoice:100", "CrossIndustryDocument:1p0", 2, "CrossIndustryInvoice"),
    ],
)
def test_a_bad_element_of_cii(read: Read, cii: str, case: tuple[str, str, int, str]) -> None:
    good, bad, line, field = case
    assert good in cii
    loaded = read({"bad.xml": cii.replace(good, bad, 1), "good.md": GOOD_MARKDOWN})
    assert places(loaded) == [("invoices/bad.xml", line, field)]
    assert good_is_kept(loaded)


@pytest.mark.parametrize("root", ["html", "Invoice", "Order", "StandardBusinessDocument", "CrossIndustryDocument"])
def test_other_xml(read: Read, root: str) -> None:
    loaded = read({"bad.xml": f"<{root}/>", "good.md": GOOD_MARKDOWN})
    assert places(loaded) == [("invoices/bad.xml", 1, root)]
    assert good_is_kept(loaded)


def test_problems_are_told_file_by_file_from_the_first_line_to_the_last(read: Read) -> None:
    wrong = '+++\nnumber = 9\nissued_on = "1.11.2026"\ncurrency = "EUR"\ntotal = 5.5\ncustomer = ""\n+++\n'
    loaded = read({"b.md": wrong, "c.docx": "x", "a.md": wrong})
    found = [(problem.file, problem.line or 0) for problem in loaded.problems]
    assert found == sorted(found)
    assert len(found) == 7
