"""``portal read`` shows how a file is understood, and takes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from portal.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE = """Acme;;;;
Nr;Kunde;Datum;Brutto;Art
1;Ada;05/10/2026;1.190,00;Rechnung
2;\x1b[31mBo\x1b[0m;06/10/2026;=1+1;Rechnung
3;Cy;06/10/2026;"10,00";Zahlung
Summe;;;1.200,00;
"""


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.chdir(tmp_path)

    def invoke(name: str, text: str, *arguments: str) -> Result:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return CliRunner().invoke(main, ["read", name, *arguments], catch_exceptions=False)

    return invoke


def test_what_is_not_decided_is_asked_and_can_be_said(read: Callable[..., Result]) -> None:
    asked = read("open.csv", TABLE, "--json")
    assert asked.exit_code == 1
    told = json.loads(asked.stdout)
    assert told["facts"]["date order"] == "not decided"
    assert [(problem["line"], problem["field"]) for problem in told["problems"]] == [(2, "date_order")]
    said = json.loads(read("open.csv", TABLE, "--json", "--date-order", "dmy", "--currency", "EUR").stdout)
    assert said["facts"] == {
        "encoding": "utf-8",
        "delimiter": "semicolon",
        "header": "line 2",
        "profile": "generic",
        "rows": "each row states the whole invoice",
        "date order": "day first, as you say",
    }
    assert {column["heading"]: column["field"] for column in said["columns"]} == {
        "Nr": "number", "Kunde": "customer", "Datum": "issued_on", "Brutto": "total", "Art": "type",
    }  # fmt: skip
    assert [(invoice["number"], invoice["issued_on"], invoice["to_pay"]) for invoice in said["invoices"]] == [
        ("1", "2026-10-05", "1190.00")
    ]
    assert said["totals"] == {"EUR": "1190.00"}
    assert said["control_totals"][0] | {"line": 0} == {
        "line": 0, "label": "Summe", "field": "total", "stated": "1,200.00", "read": "1,200.00", "fits": True,
    }  # fmt: skip
    assert said["passed_over"] == {"headings, sums and blanks": 1, "payments and other documents": 1}
    assert [problem["line"] for problem in said["problems"]] == [4, 4]


def test_it_is_told_to_people_without_control_characters(read: Callable[..., Result]) -> None:
    told = read("open.csv", TABLE.replace("Art", "\x1b\x07Art"), "--date-order", "dmy", "--currency", "EUR")
    assert told.exit_code == 1
    assert not {"\x1b", "\x07"} & set(told.output)
    assert "1 invoice: EUR 1,190.00 to pay" in told.output
    assert "line 6, Summe: total 1,200.00, as read" in told.output
    assert 'date_order = "dmy"' in told.output
    assert not Path("content").exists()


def test_a_total_that_differs_ends_with_1(read: Callable[..., Result]) -> None:
    told = read("x.csv", "Number,Customer,Total,Currency\n1,Ada,5,EUR\n2,Bo,7,EUR\nTotal,,15,\n")
    assert told.exit_code == 1
    assert "total 15.00, BUT 12.00 READ" in told.output
    assert read("x.csv", "Number,Customer,Total,Currency\n1,Ada,5,EUR\n2,Bo,7,EUR\nTotal,,12,\n").exit_code == 0


def test_customers_beside_it_are_joined_as_in_a_build(read: Callable[..., Result]) -> None:
    listed = read("content/invoices/customers.csv", "Customer;E-mail\nAda;ada@a.example\n", "--json")
    assert json.loads(listed.stdout)["customers"] == 1
    table = "Number,Customer,Total,Currency\n1,ada,5,EUR\n2,Bo,7,EUR\n"
    told = json.loads(read("content/invoices/a/x.csv", table, "--json").stdout)
    assert [invoice["email"] for invoice in told["invoices"]] == ["ada@a.example", None]
    elsewhere = json.loads(read("x.csv", table, "--json").stdout)
    assert [invoice["email"] for invoice in elsewhere["invoices"]] == [None, None]


def test_markdown_is_told_too(read: Callable[..., Result]) -> None:
    text = '+++\nnumber = "1"\ncustomer = "Ada"\ncurrency = "EUR"\ntotal = "5"\n+++\n'
    assert json.loads(read("1.md", text, "--json").stdout)["kind"] == "Markdown"
