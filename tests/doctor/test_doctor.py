"""``portal doctor`` over a portal that really runs: it finds what was broken, and changes nothing."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING

import pytest
import stripe
from click.testing import CliRunner
from dns_server import serving as serving_names
from mail_server import closed_port
from s3_server import Bucket, serving
from world import World

from portal.adapters.domain_records import DomainRecords
from portal.adapters.stripe.health import StripeHealth
from portal.cli import main
from portal.receivables.entries import EntryKind
from portal.serving import sandbox_stripe

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from portal.receivables.entries import Entry


def secret_of(world: World) -> str:
    found = sandbox_stripe(world.open().settings, world.folders.state).webhook_secret
    assert found is not None
    return found.get_secret_value()


def examined(world: World, **environment: str | None) -> dict[str, list[tuple[str, str]]]:
    """The outcomes and words of each check, with the sandbox reached as Stripe is: by key and address."""
    folders = world.folders
    where = ("--content", folders.content, "--output", folders.output, "--state", folders.state)
    reached = {
        "PORTAL_STRIPE_KEY": "rk_test_x",
        "PORTAL_STRIPE_WEBHOOK_SECRET": secret_of(world),
        "PORTAL_STRIPE_API_BASE": f"{world.url}/sandbox",
    }
    answer = CliRunner(env=reached | environment).invoke(
        main, ["doctor", "--json", *map(str, where), "--as-of", world.day.isoformat()], catch_exceptions=False
    )
    findings = json.loads(answer.stdout)
    assert answer.exit_code == any(finding["outcome"] == "problem" for finding in findings)
    assert "whsec_" not in answer.output.replace("starts with whsec_", "")
    found: dict[str, list[tuple[str, str]]] = {}
    for finding in findings:
        found.setdefault(finding["check"], []).append((finding["outcome"], finding["what"]))
    return found


def rows_in(world: World) -> dict[str, int]:
    with closing(sqlite3.connect(world.folders.state / "ledger.sqlite")) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}  # noqa: S608  names of its own


def test_a_sound_portal_and_nothing_changed(world: World) -> None:
    world.sandbox.faults.lose_webhooks = True  # or one may come between the two looks
    world.come_back(world.at_checkout(world.pay(want="part", amount="100", confirmed="1").headers["Location"]))
    world.build()
    before = rows_in(world)
    pages = {path: path.read_bytes() for path in world.folders.output.rglob("*") if path.is_file()}
    found = examined(world)
    assert {outcome for findings in found.values() for outcome, _what in findings} <= {"ok", "warning", "skipped"}
    for check in (
        "pages' address",
        "Stripe account",
        "clock",
        "key's rights",
        "webhook at Stripe",
        "webhook here",
        "database",
    ):
        assert [outcome for outcome, _what in found[check]] == ["ok"], (check, found[check])
    for check in ("ledger facts", "reservations", "payment plans", "nothing secret", "alarms"):
        assert [outcome for outcome, _what in found[check]] == ["ok"], (check, found[check])
    assert rows_in(world) == before
    assert {path: path.read_bytes() for path in world.folders.output.rglob("*") if path.is_file()} == pages


def test_a_wrong_secret_a_refused_key_and_a_page_that_is_behind(world: World) -> None:
    world.invoice("1043")
    found = examined(world, PORTAL_STRIPE_WEBHOOK_SECRET="whsec_other", PORTAL_STRIPE_KEY="rk_test_x")
    assert found["webhook here"][0][0] == "problem"
    outcome, what = found["pages"][0]
    assert (outcome, "would write" in what) == ("warning", True)


def test_nobody_there(world: World) -> None:
    settings = world.folders.content / "portal.toml"
    settings.write_text(settings.read_text() + 'live_url = "http://127.0.0.1:9"\n')
    found = examined(world, PORTAL_STRIPE_API_BASE="http://127.0.0.1:9")
    assert found["Stripe account"][0][0] == "problem"
    assert found["webhook here"][0][0] == "problem"
    assert found["webhook at Stripe"][0][0] == "skipped"


def test_before_the_first_build(tmp_path: Path) -> None:
    world = World(tmp_path, port=8000)
    folders = world.folders
    where = ("--content", folders.content, "--output", folders.output, "--state", folders.state)
    answer = CliRunner().invoke(main, ["doctor", *map(str, where)], catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    assert "There are no pages" in answer.output
    assert not folders.output.exists()
    assert not folders.state.exists()


def test_a_broken_ledger_is_a_finding(world: World, make_entry: Callable[..., Entry]) -> None:
    with world.open().ledger.transaction() as tx:
        tx.append(make_entry(100, "EUR"))
        tx.append(make_entry(100, kind=EntryKind.PAYMENT, external_id="pi_9", key="unknown"))
    (problem,) = examined(world)["ledger facts"]
    assert problem == ("problem", "Invoice 1042 is in GBP and has entries in EUR.")


def test_the_sandbox_lists_its_endpoint_as_stripe_does(world: World) -> None:
    gateway = world.served().gateway
    assert gateway is not None
    found = gateway.api.v1.webhook_endpoints.list({"limit": 100})
    (endpoint,) = found.data
    named = set(stripe.WebhookEndpoint.__annotations__) - {"OBJECT_NAME", "deleted", "secret", "object"}
    assert set(endpoint.to_dict()) == named | {"object"}, "a secret is shown at creation only"
    assert endpoint.url == f"{world.url}/webhooks/stripe"
    (read,) = StripeHealth(gateway).endpoints() or ()
    assert (read.is_enabled, read.events) == (True, frozenset({"*"}))


@pytest.mark.parametrize("words", ["Addresses", "LOOK", "-> ", "worth a look"])
def test_it_is_told_to_be_read(tmp_path: Path, words: str) -> None:
    world = World(tmp_path, port=8000)
    folders = world.folders
    where = ("--content", folders.content, "--output", folders.output, "--state", folders.state)
    assert words in CliRunner().invoke(main, ["doctor", *map(str, where)], catch_exceptions=False).output


def test_a_key_that_may_not_read_is_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = world.served().gateway
    assert gateway is not None
    assert StripeHealth(gateway).unreadable(links=True) == ()

    def refuse(*_arguments: object) -> None:
        raise stripe.PermissionError("This key may not do that.", http_status=403)

    monkeypatch.setattr(stripe.DisputeService, "list", refuse)
    assert StripeHealth(gateway).unreadable() == ("Disputes",)
    monkeypatch.setattr(stripe.WebhookEndpointService, "list", refuse)
    assert StripeHealth(gateway).endpoints() is None


def test_pages_go_to_a_store_that_is_there_or_not(world: World) -> None:
    bucket, keys = Bucket(), {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "x"}
    settings = world.folders.content / "portal.toml"
    plain = settings.read_text()
    with serving(bucket) as endpoint:
        settings.write_text(f'{plain}[publish]\nto = "s3://pages/shop"\nendpoint = "{endpoint}"\n')
        found = examined(world, **keys)["object store"]
        assert [outcome for outcome, _what in found] == ["ok", "warning"]
        assert "differ" in found[1][1], "nothing was copied yet"
        assert bucket.objects == {}, "nothing is left of the try"
        trial = [(method, key) for method, key in bucket.calls if method in {"PUT", "DELETE"}]
        assert trial == [("PUT", "shop/portal-doctor.txt"), ("DELETE", "shop/portal-doctor.txt")]
        bucket.refuse = lambda method, _key: method == "PUT"
        ((outcome, what),) = examined(world, **keys)["object store"]
        assert (outcome, "403 Forbidden" in what) == ("problem", True)
        bucket.refuse = lambda method, _key: method == "DELETE"
        ((outcome, what),) = examined(world, **keys)["object store"]
        assert (outcome, "portal-doctor.txt was put into s3://pages/shop to try it" in what) == ("problem", True)
        bucket.refuse = lambda _method, _key: False
        refused = examined(world, **(keys | {"AWS_ACCESS_KEY_ID": "AKIDOTHER"}))["object store"]
        assert refused == [("problem", "s3://pages/shop did not do what was asked: 403 Forbidden: AccessDenied.")]
    ((outcome, what),) = examined(world, **keys)["object store"]
    assert (outcome, "error sending request" in what) == ("problem", True)


def test_reminders_and_words_of_theirs_that_are_wrong(world: World) -> None:
    settings = world.folders.content / "portal.toml"
    settings.write_text(f'{settings.read_text()}[mail]\nfrom = "a@example.com"\n[reminders]\n')
    world.invoice("1043", due_on="2026-10-01")
    world.day = date(2026, 11, 25)
    world.build()
    found = examined(world)
    (ladder,) = found["reminder ladder"]
    assert ladder == ("ok", "5 steps, from 7 days before due to 28 days after due; each can be sent.")
    assert [outcome for outcome, _what in found["reminders by mail"]] == ["warning"], "with a test key they are files"
    (due,) = found["reminders due"]
    assert due == ("ok", "2 reminders to be sent now; that of invoice 1042 fell due on 2026-11-25.")
    world.write("reminders/friendly.md", '+++\nsubject = "{{ left }}"\n+++\nPay now!\n\n{{ link }}\n')
    ((outcome, what), *_others) = examined(world)["reminder ladder"]
    assert (outcome, what.startswith("reminders/friendly.md:4: It shouts")) == ("problem", True)


def test_the_mail_server_and_the_domains_records(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    server = f'host = "127.0.0.1"\nport = {closed_port()}\nsecurity = "none"\n'
    settings = world.folders.content / "portal.toml"
    settings.write_text(f'{settings.read_text()}[mail]\nfrom = "a@mail.example.com"\n{server}')
    with serving_names({"mail.example.com": ["v=spf1 mx -all"], "_dmarc.example.com": ["v=DMARC1; p=none"]}) as port:
        monkeypatch.setattr("portal.doctor.examining.DomainRecords", lambda: DomainRecords("127.0.0.1", port))
        found = examined(world)
    assert [outcome for outcome, _what in found["mail server"]] == ["problem"]
    assert [outcome for outcome, _what in found["mail records"]] == ["ok", "warning", "ok"]
