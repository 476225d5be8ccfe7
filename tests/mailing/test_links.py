"""A mail that waits while its link is replaced or taken back: it never carries an address that opens nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from portal.cli import main
from portal.links.issuing import LinkPlace
from portal.mailing.links import fresh_link_due
from portal.ports.links import LinkKind
from portal.ports.mail import MailKind, MessageState
from portal.wiring.portal import now

if TYPE_CHECKING:
    from world import World

    from portal.ports.mail import Message

PLACE = LinkPlace(LinkKind.INVOICE, "1042", "1042")
NO_LINK = "The link to your invoice no longer works. To get a new one, reply to this email."


@pytest.fixture
def shop(world: World) -> World:
    """Mail is set up, and whatever happens from now on is written about; nothing is sent by itself."""
    path = world.folders.content / "portal.toml"
    path.write_text(path.read_text() + '\n[mail]\nfrom = "hello@example.com"\n', encoding="utf-8")
    world.open().post_office().begin()
    return world


def waiting_receipt(shop: World) -> str:
    """A receipt that was written down and waits; the address in it."""
    shop.come_back(shop.at_checkout(shop.pay(want="part", amount="300.00", confirmed="1").headers["Location"]))
    shop.open().post_office().announcing.post_due()
    url = shop.open().url_of("1042")
    (message,) = shop.open().ledger.messages()
    assert (message.state, url in message.mail.text) == (MessageState.PLANNED, True)
    return url


def waiting_link(shop: World, to: str | None = None) -> str:
    """A link that the owner sent, and that waits; its address."""
    portal = shop.open()
    (link,) = portal.links_of(LinkKind.INVOICE, ["1042"])
    invoice = portal.ledger.invoice("1042")
    assert invoice is not None
    assert portal.post_office().announcing.post(fresh_link_due(invoice, link, portal.url_of_link(link), to, now()))
    return portal.url_of_link(link)


def sent(shop: World) -> Message:
    """The one message, after whatever waits was handed over."""
    shop.open().post_office().attend(hurry=True)
    (message,) = shop.open().ledger.messages()
    return message


def test_a_receipt_that_waits_carries_the_link_that_holds_when_it_goes(shop: World) -> None:
    old = waiting_receipt(shop)
    shop.open().issuing().rotate(PLACE)
    message = sent(shop)
    assert message.state is MessageState.WRITTEN
    for form in (message.mail.text, message.mail.html):
        assert shop.open().url_of("1042") in form
        assert old not in form


@pytest.mark.parametrize("how", ["revoked", "past its last day"])
def test_a_receipt_whose_link_has_ended_goes_without_one_and_says_how_to_get_one(shop: World, how: str) -> None:
    old = waiting_receipt(shop)
    if how == "revoked":
        shop.open().issuing().revoke(PLACE)
    else:
        shop.open().issuing().expire(PLACE, shop.day.replace(day=1))
    message = sent(shop)
    assert message.state is MessageState.WRITTEN
    text = " ".join(message.mail.text.split())
    assert NO_LINK in text
    assert "£300.00 of £840.00" in text
    assert NO_LINK in message.mail.html
    assert "See the invoice" not in message.mail.html
    for form in (message.mail.text, message.mail.html):
        assert old.rsplit("/", 2)[-2] not in form


def test_a_receipt_with_a_link_says_nothing_of_a_lost_one(shop: World) -> None:
    waiting_receipt(shop)
    assert NO_LINK not in " ".join(sent(shop).mail.text.split())


def test_a_link_that_holds_goes(shop: World) -> None:
    url = waiting_link(shop)
    message = sent(shop)
    assert (message.state, url in message.mail.text) == (MessageState.WRITTEN, True)


@pytest.mark.parametrize("change", ["rotate", "revoke"])
@pytest.mark.parametrize("to", [None, "aunt@example.org"])
def test_a_link_that_was_replaced_or_taken_back_does_not_go_and_says_why(
    shop: World, change: str, to: str | None
) -> None:
    """Nor does the new one in its place: who was named for the old one may be why there is a new one."""
    waiting_link(shop, to)
    getattr(shop.open().issuing(), change)(PLACE)
    message = sent(shop)
    assert message.cause.kind is MailKind.FRESH_LINK
    assert message.state is MessageState.OVERTAKEN
    assert message.answer is not None
    assert "portal links send 1042" in message.answer
    assert not list((shop.folders.state / "mail").glob("*.eml"))


def test_the_owner_hears_why_a_link_did_not_go(shop: World, capsys: pytest.CaptureFixture[str]) -> None:
    waiting_link(shop)
    shop.open().issuing().rotate(PLACE)
    message = sent(shop)
    where = ["--content", str(shop.folders.content), "--state", str(shop.folders.state)]
    main(["mail", *where], standalone_mode=False)
    assert "Why one was overtaken: portal mail --show ID" in capsys.readouterr().out
    main(["mail", "--show", message.mail.message_id, *where], standalone_mode=False)
    assert "Answer: The link in it was replaced or has ended." in capsys.readouterr().out
