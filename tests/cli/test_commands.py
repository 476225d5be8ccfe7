"""The commands as the owner runs them, in a process of their own where that matters."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from portal.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
TWO = """Invoice number,Customer,E-mail,Issue date,Due date,Currency,Total,Paid,Balance
A-1,Sample Ltd,a@example.com,2026-10-01,2026-10-31,EUR,1400.00,560.00,840.00
A-2,Other Ltd,,2026-10-01,2026-10-31,EUR,10.00,10.00,0.00
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PORTAL_BASE_URL", raising=False)
    invoices = tmp_path / "content" / "invoices"
    invoices.mkdir(parents=True)
    (tmp_path / "content" / "portal.toml").write_text('[business]\nname = "Sample"\n')
    (invoices / "open.csv").write_text(TWO)

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments, catch_exceptions=False)

    return invoke


def test_build_tells_what_it_did(run: Callable[..., Result]) -> None:
    report = json.loads(run("build", "--json").stdout)
    counts = {"read": 2, "open": 1, "paid": 1, "nothing_to_pay": 0, "rejected": 0, "no_longer_open": 0}
    assert report["invoices"] == counts
    assert report["pages"]["unchanged"] == report["pages"]["removed"] == 0
    assert report["amount_remaining"] == {"EUR": "840.00"}
    assert report["problems"] == []
    again = run("build")
    assert again.exit_code == 0
    assert "2 read: 1 open, 1 paid" in again.stdout
    assert "0 written" in again.stdout


def test_build_lists_every_problem_and_ends_with_1(run: Callable[..., Result]) -> None:
    Path("content/invoices/bad.md").write_text('+++\nnumber = "B"\ncurrency = "EUR"\ntotal = 1.5\n+++\n')
    result = run("build", "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert report["invoices"]["read"] == 2
    assert {p["file"] for p in report["problems"]} == {"invoices/bad.md"}
    assert all(set(p) == {"file", "line", "field", "problem", "remedy"} for p in report["problems"])
    assert {p["line"] for p in report["problems"]} >= {4}
    told = run("build")
    assert told.exit_code == 1
    assert "invoices/bad.md:4" in told.output


def test_settings_that_cannot_be_used_end_with_1(run: Callable[..., Result]) -> None:
    Path("content/portal.toml").write_text("[business]\nnam = 'x'\n")
    result = run("build", "--json")
    assert result.exit_code == 1
    fields = {problem["field"] for problem in json.loads(result.stdout)["problems"]}
    assert fields == {"business.name", "business.nam"}
    assert not Path("build").exists()


def test_show(run: Callable[..., Result]) -> None:
    shown = json.loads(run("show", "A-1", "--as-of", "2026-10-31", "--json").stdout)
    assert shown["amount_remaining"] == "840.00"
    assert shown["status"] == "partly_paid"
    assert shown["due_on"] == "2026-10-31"
    assert shown["source"] == "invoices/open.csv:2"
    late = json.loads(run("show", "A-1", "--as-of", "2026-11-01", "--json").stdout)
    assert late["status"] == "overdue"
    assert json.loads(run("show", "A-2", "--json").stdout)["reason"]
    assert "840.00" in run("show", "A-1").stdout


def test_show_of_an_unknown_number(run: Callable[..., Result]) -> None:
    result = run("show", "A-9")
    assert result.exit_code == 1
    assert "portal list" in result.stderr


def test_list_and_links(run: Callable[..., Result]) -> None:
    listed = json.loads(run("list", "--json").stdout)
    assert [invoice["number"] for invoice in listed] == ["A-1", "A-2"]
    links = json.loads(run("links", "--json").stdout)
    assert [set(link) for link in links] == [
        {"number", "key", "kind", "url", "path", "reference", "version", "state", "expires_on"}
    ] * 2
    assert [link["reference"] for link in links] == ["A-1", "A-2"]
    assert json.loads(run("show", "A-1", "--json").stdout)["payment_reference"] == "A-1"
    assert links[0]["url"] == f"http://127.0.0.1:8000{links[0]['path']}"
    assert "A-1" in run("list").stdout
    assert links[1]["url"] in run("links").stdout


def test_a_short_link_key_is_refused(run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_LINK_KEY", "short")
    result = run("links")
    assert result.exit_code == 1
    assert "PORTAL_LINK_KEY" in result.stderr


def test_the_link_key_is_private(run: Callable[..., Result]) -> None:
    run("links")
    assert Path("var/link.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("day", ["tomorrow", "2026-13-01", "21.11.2026"])
def test_a_day_that_is_none_is_refused(run: Callable[..., Result], day: str) -> None:
    result = run("list", "--as-of", day)
    assert result.exit_code == 2
    assert "2026-11-21" in result.stderr


def test_build_py_is_portal_build(run: Callable[..., Result], tmp_path: Path) -> None:
    run("links")
    done = subprocess.run(
        [sys.executable, ROOT / "build.py", "--json"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["invoices"]["read"] == 2


def test_build_py_without_dependencies_says_what_to_run(tmp_path: Path) -> None:
    bare = [sys.executable, "-I", "-S", str(ROOT / "build.py")]
    done = subprocess.run(bare, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "make install" in done.stderr
    assert "Traceback" not in done.stderr


def test_show_an_invoice_that_is_gone_and_what_it_asked_for_before(run: Callable[..., Result]) -> None:
    table = Path("content/invoices/open.csv")
    run("build")
    table.write_text(TWO.replace("1400.00,560.00,840.00", "1500.00,560.00,940.00"))
    run("build")
    table.write_text("\n".join(TWO.splitlines()[::2]) + "\n")
    assert "no longer open  A-1" in run("build").stdout
    shown = json.loads(run("show", "A-1", "--json").stdout)
    assert (shown["status"], shown["amount_remaining"]) == ("no_longer_open", "0.00")
    assert shown["gone_on"] is not None
    assert [(claim["claim"], claim["currency"]) for claim in shown["earlier_claims"]] == [("1400.00", "EUR")]
    assert "It asked for EUR 1,400.00 until" in run("show", "A-1").stdout


def test_what_the_system_refuses_is_named_and_no_traceback(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "var" / "link.key").mkdir(parents=True)
    told = run("build")
    assert (told.exit_code, "var/link.key: This file or folder cannot be used: Is a" in told.stderr) == (1, True)
    (tmp_path / "var" / "link.key").rmdir()

    def full(*_words: object, **_more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("portal.cli.build.build_portal", full)
    told = run("build", "--json")
    (problem,) = json.loads(told.stdout)["problems"]
    assert problem["problem"] == "The disk took no more: No space left on device."
