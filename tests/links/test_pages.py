"""What becomes of pages when the owner replaces or ends links: exactly the links that hold have one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
import requests
from world import World

from portal.building.freeze import PageFreezer
from portal.building.rendering import publish_many, publish_pages
from portal.links.issuing import LinkPlace
from portal.ports.links import LinkKind
from portal.receivables.customers import statement_key
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.money import Money

if TYPE_CHECKING:
    from pathlib import Path

    from portal.links.issuing import Issuing, LinkChange

FULL = LinkPlace(LinkKind.INVOICE, "1042", "1042")
PAY_ONLY = LinkPlace(LinkKind.PAY_ONLY, "1042", "1042")
SECRETS = ("1042", "840", "Sample Customer", "GBP", "£", "accounts@example.com", "31 October")


@pytest.fixture
def unserved(tmp_path: Path) -> World:
    return World(tmp_path, port=8000)


def issuing(world: World) -> Issuing:
    return world.open().issuing()


def refreeze(world: World) -> None:
    PageFreezer(world.open()).freeze_stale()


def file_of(world: World, kind: str, token: str) -> Path:
    return world.folders.output / kind / token / "index.html"


def files(world: World) -> set[str]:
    return {str(path.relative_to(world.folders.output)) for path in world.folders.output.rglob("*.html")}


def paid(world: World, minor: int, day: date, *, kind: EntryKind = EntryKind.PAYMENT, name: str = "pi_1") -> None:
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    with world.open().ledger.transaction() as tx:
        tx.append(Entry(kind, "1042", Money(minor, "GBP"), moment, name, "Visa ending 4242"))
        tx.enqueue_freeze("1042")


def statement_of(world: World) -> str:
    invoice = world.open().ledger.invoice("1042")
    assert invoice is not None
    return statement_key(invoice) or ""


@pytest.mark.parametrize("built_again", [False, True])
def test_a_replaced_links_page_holds_no_data_and_the_new_one_has_it_all(unserved: World, *, built_again: bool) -> None:
    unserved.build()
    change = issuing(unserved).rotate(FULL)
    refreeze(unserved)
    if built_again:
        unserved.build()
    assert change.before is not None
    old = file_of(unserved, "i", change.before.token).read_text(encoding="utf-8")
    assert "This link was replaced" in old
    assert not [secret for secret in SECRETS if secret in old.partition("</style>")[2]]
    assert change.after.token not in old
    assert "840.00" in file_of(unserved, "i", change.after.token).read_text(encoding="utf-8")
    assert unserved.open().url_of("1042").endswith(f"/i/{change.after.token}/")


def test_the_statement_leads_to_the_new_page_at_once(unserved: World) -> None:
    unserved.invoice("1043")
    unserved.build()
    change = issuing(unserved).rotate(FULL)
    refreeze(unserved)
    portal = unserved.open()
    (link,) = portal.ledger.links_in_force(LinkKind.STATEMENT)
    page = file_of(unserved, "s", link.token).read_text(encoding="utf-8")
    assert change.after.token in page
    assert change.before is not None
    assert change.before.token not in page
    assert unserved.build().pages.written == 0, "a build makes the very same pages"


def test_a_revoked_link_leaves_nothing_not_even_on_the_statement(unserved: World) -> None:
    unserved.invoice("1043")
    unserved.build()
    before = files(unserved)
    token = issuing(unserved).revoke(FULL).after.token
    refreeze(unserved)
    assert before - files(unserved) == {f"i/{token}/index.html"}
    unserved.build()
    assert before - files(unserved) == {f"i/{token}/index.html"}
    (link,) = unserved.open().ledger.links_in_force(LinkKind.STATEMENT)
    page = file_of(unserved, "s", link.token).read_text(encoding="utf-8")
    assert f"/i/{token}/" not in page
    assert "Invoice 1042" in page


def test_a_replaced_link_says_so_only_while_the_new_one_holds(unserved: World) -> None:
    unserved.build()
    old = issuing(unserved).rotate(FULL).before
    assert old is not None
    issuing(unserved).revoke(FULL)
    refreeze(unserved)
    assert not file_of(unserved, "i", old.token).exists()
    unserved.build()
    assert not (unserved.folders.output / "i").exists()


def test_a_statements_link_is_replaced_and_revoked_like_any_other(unserved: World) -> None:
    unserved.invoice("1043")
    unserved.build()
    place = LinkPlace(LinkKind.STATEMENT, statement_of(unserved), "1042")
    change = issuing(unserved).rotate(place)
    refreeze(unserved)
    assert change.before is not None
    assert "was replaced" in file_of(unserved, "s", change.before.token).read_text(encoding="utf-8")
    assert "Sample" in file_of(unserved, "s", change.after.token).read_text(encoding="utf-8")
    issuing(unserved).revoke(place)
    refreeze(unserved)
    unserved.build()
    assert not (unserved.folders.output / "s").exists()


def test_in_every_language_the_pages_go_and_so_does_the_pdf(unserved: World) -> None:
    settings = unserved.folders.content / "portal.toml"
    settings.write_text(settings.read_text() + 'languages = ["en", "de"]\n')
    unserved.write("invoices/1042.pdf", "%PDF-1.4\n")
    unserved.build()
    old = issuing(unserved).rotate(FULL).before
    refreeze(unserved)
    assert old is not None
    left = {path.name for path in (unserved.folders.output / "i" / old.token).rglob("*") if path.is_file()}
    assert left == {"index.html"}
    folder = unserved.folders.output / unserved.open().path_of("1042").strip("/")
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == {
        "index.html",
        "de/index.html",
        "invoice.pdf",
    }


def test_a_last_day_ends_with_the_first_build_after_it(unserved: World) -> None:
    unserved.build()
    token = issuing(unserved).expire(FULL, unserved.day).after.token
    unserved.build()
    assert file_of(unserved, "i", token).exists()
    unserved.day += timedelta(days=1)
    unserved.build()
    assert not file_of(unserved, "i", token).exists()
    issuing(unserved).expire(FULL, None)
    refreeze(unserved)
    assert file_of(unserved, "i", token).exists()


def test_a_paid_invoice_keeps_its_page_for_so_many_days_and_a_refund_brings_it_back(unserved: World) -> None:
    settings = unserved.folders.content / "portal.toml"
    settings.write_text(settings.read_text() + "[links]\nexpire_days_after_paid = 10\n")
    unserved.build()
    token = unserved.open().token_of("1042")
    issuing(unserved).issue(PAY_ONLY)
    paid(unserved, 84000, unserved.day)
    refreeze(unserved)
    for days, there in ((10, True), (11, False)):
        unserved.day = date(2026, 11, 21) + timedelta(days=days)
        unserved.build()
        assert file_of(unserved, "i", token).exists() is there
        assert (unserved.folders.output / "p").exists() is there
        assert (unserved.open().link_behind(token) is not None) is there
    paid(unserved, 84000, unserved.day, kind=EntryKind.REFUND, name="re_1")
    refreeze(unserved)
    assert file_of(unserved, "i", token).exists()


def test_without_the_setting_a_paid_page_stays(unserved: World) -> None:
    unserved.build()
    paid(unserved, 84000, unserved.day)
    unserved.day += timedelta(days=900)
    unserved.build()
    assert file_of(unserved, "i", unserved.open().token_of("1042")).exists()


def test_a_ledger_made_anew_from_key_and_content_has_the_first_links(unserved: World) -> None:
    unserved.build()
    url = unserved.open().url_of("1042")
    for path in unserved.folders.state.glob("ledger.sqlite*"):
        path.unlink()
    unserved.build()
    assert unserved.open().url_of("1042") == url


def test_a_freeze_that_is_overtaken_by_a_revocation_does_not_bring_the_page_back(unserved: World) -> None:
    """The page is made, then the link is revoked and its page removed, and only then is the page published."""
    unserved.build()
    token = unserved.open().token_of("1042")
    paid(unserved, 100, unserved.day)
    revoked: list[LinkChange] = []

    def late(*arguments: object) -> None:
        if not revoked:
            revoked.append(issuing(unserved).revoke(FULL))
        publish_pages(*arguments)  # type: ignore[arg-type]  # passed on as given

    with patch("portal.building.freeze.publish_pages", late):
        refreeze(unserved)
    assert revoked
    assert not file_of(unserved, "i", token).exists()


def test_a_build_that_is_overtaken_by_a_rotation_ends_with_the_new_pages(unserved: World) -> None:
    unserved.build()
    unserved.invoice("1042", total="900.00")
    rotated: list[LinkChange] = []

    def late(*arguments: object) -> None:
        if not rotated:
            rotated.append(issuing(unserved).rotate(FULL))
            refreeze(unserved)
        publish_many(*arguments)  # type: ignore[arg-type]  # passed on as given

    with patch("portal.building.freeze.publish_many", late):
        unserved.build()
    change = rotated[0]
    assert change.before is not None
    assert "was replaced" in file_of(unserved, "i", change.before.token).read_text(encoding="utf-8")
    assert "900.00" in file_of(unserved, "i", change.after.token).read_text(encoding="utf-8")


# ---- the pay-only page, and what is answered over HTTP


def test_a_pay_only_page_says_what_paying_takes_and_nothing_else(unserved: World) -> None:
    unserved.write(
        "invoices/1042.md",
        '+++\nnumber = "1042"\ncustomer = "Sample Customer Ltd"\nemail = "accounts@example.com"\n'
        'issued_on = 2026-10-01\ndue_on = 2026-10-31\ncurrency = "GBP"\nsubject = "Divorce papers"\n'
        '[[lines]]\ndescription = "Advice"\namount = "840.00"\n+++\n\nA note about it all.\n',
    )
    unserved.build()
    paid(unserved, 30000, unserved.day)
    link = issuing(unserved).issue(PAY_ONLY).after
    refreeze(unserved)
    page = file_of(unserved, "p", link.token).read_text(encoding="utf-8").partition("</style>")[2]
    for word in ("Sample Business", "Invoice 1042", "540.00", "31 October 2026", "Pay £540.00 now", link.token):
        assert word in page, word
    for word in ("Divorce", "Advice", "note about", "Sample Customer", "accounts@", "300.00", "Visa", "/i/", "/answer"):
        assert word not in page, word


def test_paying_through_a_pay_only_link_never_shows_the_customers_own(world: World) -> None:
    """Nor is the checkout shared that the customer has open: it knows their address and leads to their page."""
    link = issuing(world).issue(PAY_ONLY).after
    refreeze(world)
    own = world.pay().headers["Location"]
    page = requests.get(f"{world.url}/p/{link.token}/", timeout=10).text
    fields = {"token": link.token, "shown": world.form(page)["shown"], "want": "all"}
    theirs = requests.post(f"{world.url}/pay", data=fields, allow_redirects=False, timeout=60)
    assert theirs.status_code == 303
    checkout = theirs.headers["Location"]
    assert checkout != own
    assert "accounts@example.com" not in requests.get(checkout, timeout=10).text
    own_address = {"means": "4242", "webhook": "send", "email": "payer@example.com"}
    back = world.come_back(requests.post(f"{checkout}/pay", data=own_address, allow_redirects=False, timeout=60))
    assert back.headers["Location"] == f"{world.url}/p/{link.token}/"
    assert not world.balance().amount_remaining
    assert "Nothing left to pay" in requests.get(back.headers["Location"], timeout=10).text


def test_a_pay_only_link_opens_no_other_door(world: World) -> None:
    link = issuing(world).issue(PAY_ONLY).after
    refreeze(world)
    unknown = requests.get(f"{world.url}/answered", {"link": "a" * 32}, timeout=10)
    for path, values in (("/answered", {"link": link.token}), ("/answer", {"link": link.token, "door": "promise"})):
        answer = requests.get(f"{world.url}{path}", values, timeout=10)
        assert (answer.status_code, answer.text) == (unknown.status_code, unknown.text)
    sent = {"token": link.token, "want": "promise", "day": "2026-12-01"}
    assert requests.post(f"{world.url}/answer", data=sent, timeout=10).status_code == 404


def test_unknown_revoked_and_expired_links_look_alike_everywhere(world: World) -> None:
    """I16: no link, no invoice; and nobody learns that there was one."""
    world.invoice("1043")
    world.invoice("1044")
    world.build()
    portal = world.open()
    tokens = {number: portal.token_of(number) for number in ("1042", "1043", "1044")}
    form = world.form(world.page("1042"))
    issuing(world).revoke(LinkPlace(LinkKind.INVOICE, "1043", "1043"))
    issuing(world).expire(LinkPlace(LinkKind.INVOICE, "1044", "1044"), world.day - timedelta(days=1))
    refreeze(world)
    seen = set()
    for token in (tokens["1043"], tokens["1044"], "a" * 32, tokens["1042"].upper()):
        page = requests.get(f"{world.url}/i/{token}/", timeout=10)
        pay = requests.post(f"{world.url}/pay", data=form | {"token": token, "want": "all"}, timeout=10)
        answered = requests.get(f"{world.url}/answered", {"link": token}, timeout=10)
        back = requests.get(f"{world.url}/return", {"link": token, "checkout": "cs_test_unknown1"}, timeout=10)
        seen.add(tuple((one.status_code, one.text) for one in (page, pay, answered)))
        assert back.status_code in {404, 502}
    assert len(seen) == 1
    assert {status for status, _text in seen.pop()} == {404}


def test_a_payment_that_was_under_way_counts_when_its_link_was_replaced_meanwhile(world: World) -> None:
    world.sandbox.faults.lose_webhooks = True
    checkout = world.pay().headers["Location"]
    paid_there = world.at_checkout(checkout)
    change = issuing(world).rotate(FULL)
    refreeze(world)
    back = world.come_back(paid_there)
    assert back.status_code == 200
    assert "We have a record of your payment" in back.text
    assert change.after.token not in back.text, "whoever has the old link does not learn the new one"
    assert not world.balance().amount_remaining
    assert "Paid" in world.page()
