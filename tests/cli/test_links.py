"""``portal links`` as the owner types it and reads it."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result
from world import World

from portal.cli import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shop(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.invoice("1043", "100.00")
    world.build()
    return world


def run(world: World, *words: str, status: int = 0) -> Result:
    where = ("--content", world.folders.content, "--output", world.folders.output, "--state", world.folders.state)
    arguments = ["links", *words, *map(str, where), "--as-of", world.day.isoformat()]
    answer = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert answer.exit_code == status, answer.output
    return answer


def told(world: World, *words: str) -> Any:  # noqa: ANN401  whatever the JSON is
    return json.loads(run(world, *words, "--json").stdout)


def test_links_alone_and_numbers_alone_are_the_list(shop: World) -> None:
    assert run(shop).stdout == run(shop, "list").stdout
    assert [row["kind"] for row in told(shop)] == ["full", "full", "statement"]
    assert [row.get("number") for row in told(shop, "1043")] == ["1043", None]
    assert [row["number"] for row in told(shop, "list", "1042", "--kind", "full")] == ["1042"]


def test_a_number_that_no_invoice_has(shop: World) -> None:
    for words in (["9999"], ["rotate", "9999"], ["pay-only", "9999"]):
        assert "portal list" in run(shop, *words, status=1).stderr


def test_replacing_links_says_what_to_send_now_and_what_leads_there(shop: World) -> None:
    run(shop, "pay-only", "1042")
    text = run(shop, "rotate", "1042").stdout
    now = told(shop, "1042")
    for row in now[:2]:
        assert (row["version"], row["state"]) == (2, "holds")
        assert row["url"] in text
    assert "portal links rotate 1042 --kind statement" in text
    states = {(row["kind"], row["version"]): row["state"] for row in told(shop, "1042", "--all")}
    assert states["full", 1] == states["pay-only", 1] == "replaced"
    assert "that you sent before" not in text, "there are no mails"


@pytest.mark.parametrize("change", ["rotate", "revoke"])
def test_mails_that_have_the_old_link_are_counted(shop: World, change: str) -> None:
    settings = shop.folders.content / "portal.toml"
    settings.write_text(settings.read_text() + '\n[mail]\nfrom = "hello@example.com"\n', encoding="utf-8")
    run(shop, "send", "1042")
    run(shop, "send", "1043")
    text = run(shop, change, "1042").stdout
    assert "1 mail that you sent before has the old one." in text
    assert ("portal links send 1042 --kind full" in text) == (change == "rotate")
    run(shop, "rotate", "1043")
    run(shop, "send", "1043")
    run(shop, "send", "1043")
    assert "2 mails that you sent before have the old one." in run(shop, change, "1043").stdout


def test_one_kind_alone(shop: World) -> None:
    run(shop, "pay-only", "1042")
    (change,) = told(shop, "rotate", "1042", "--kind", "pay-only")
    assert (change["kind"], change["version_before"], change["version"]) == ("pay-only", 1, 2)
    assert [row["version"] for row in told(shop, "1042")] == [1, 2, 1]


def test_a_revoked_link_is_not_listed_as_one_to_send(shop: World) -> None:
    url = told(shop, "1042")[0]["url"]
    assert "portal links rotate 1042" in run(shop, "revoke", "1042").stdout
    assert url not in run(shop).stdout
    assert "revoked on" in run(shop).stdout
    assert told(shop, "1042")[0]["state"] == "revoked"
    assert "was revoked before" in run(shop, "revoke", "1042").stdout


def test_a_pay_only_link_that_was_revoked_is_made_anew_by_rotating(shop: World) -> None:
    run(shop, "pay-only", "1042")
    run(shop, "revoke", "1042", "--kind", "pay-only")
    assert "portal links rotate 1042 --kind pay-only" in run(shop, "pay-only", "1042", status=1).stderr
    run(shop, "rotate", "1042", "--kind", "pay-only")
    assert told(shop, "pay-only", "1042")["state"] == "holds"


def test_a_last_day(shop: World) -> None:
    run(shop, "expire", "1042", "--on", "2026-11-30")
    assert told(shop, "1042")[0]["expires_on"] == "2026-11-30"
    assert "(until 2026-11-30)" in run(shop).stdout
    shop.day = date(2026, 12, 1)
    assert told(shop, "1042")[0]["state"] == "expired"
    assert "--never" in run(shop, "expire", "1042", status=1).stderr
    run(shop, "expire", "1042", "--never")
    assert told(shop, "1042")[0]["state"] == "holds"


@pytest.mark.parametrize("words", [["rotate"], ["revoke"], ["expire", "--on", "2026-11-01"]])
def test_a_dry_run_changes_nothing(shop: World, words: list[str]) -> None:
    before = told(shop, "--all")
    run(shop, words[0], "1042", *words[1:], "--dry-run")
    assert told(shop, "--all") == before


def test_a_link_that_there_is_not(shop: World) -> None:
    assert "portal links pay-only 1042" in run(shop, "rotate", "1042", "--kind", "pay-only", status=1).stderr


def test_the_csv_is_for_mail_merges_and_runs_nothing(shop: World) -> None:
    path = shop.invoice("1044")
    path.write_text(path.read_text().replace("Sample Customer Ltd", "=HYPERLINK(1)"))
    rows = list(csv.DictReader(io.StringIO(run(shop, "--csv").stdout)))
    assert {row["customer"] for row in rows} == {"Sample Customer Ltd", "'=HYPERLINK(1)"}
    assert rows[0]["url"] == told(shop)[0]["url"]
    assert rows[0]["email"] == "accounts@example.com"
