"""``portal mail`` says what was sent, what waits and what needs the owner's word; no command fails for a mail."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from mail_server import Does, MailServer, closed_port, running

from portal.adapters.ledger.sql_ledger import open_ledger
from portal.cli import main
from portal.ports.mail import MessageState

if TYPE_CHECKING:
    from world import World

Run = Callable[..., Result]
TRANSFER = ("--on", "2026-11-20", "--by", "transfer", "--reference")


@pytest.fixture
def run(world: World) -> Run:
    """A command on a portal that is built, with mail set up: ``run("mail", "--send")``."""
    folders = world.folders
    set_up(world, 'from = "hello@example.com"')

    def invoke(*arguments: str, **environment: str) -> Result:
        where = ("--content", folders.content, "--output", folders.output, "--state", folders.state)
        every = [*arguments, *map(str, where), "--as-of", world.day.isoformat()]
        env = {"PORTAL_STRIPE_KEY": None, "PORTAL_SMTP_PASSWORD": None} | environment
        return CliRunner(env=env).invoke(main, every, catch_exceptions=False)

    world.parts.workers[-1].stop()
    assert invoke("build").exit_code == 0
    return invoke


def set_up(world: World, *lines: str, key: str = "") -> None:
    path = world.folders.content / "portal.toml"
    text = path.read_text().partition("\n[mail]")[0]
    path.write_text("\n".join((text, "[mail]", *lines, key, "")), encoding="utf-8")


def live(world: World, port: int, **more: str) -> dict[str, str]:
    """The settings of a portal that takes real money and sends through a server; and the environment for it."""
    given = [f'{name} = "{value}"' for name, value in more.items()]
    set_up(world, 'from = "hello@example.com"', 'host = "127.0.0.1"', f"port = {port}", 'security = "none"', *given)
    return {"PORTAL_STRIPE_KEY": "sk_live_1234567890abcdef"}


def test_nothing_was_written_yet(run: Run) -> None:
    assert run("mail").stdout == "No mail was written yet.\n"
    assert json.loads(run("mail", "--json").stdout) == []


def test_a_recorded_transfer_is_receipted_by_the_command_itself(world: World, run: Run) -> None:
    recorded = run("record", "1042", "100", *TRANSFER, "RF 77")
    assert recorded.exit_code == 0
    assert "Mails: 1 written." in recorded.stderr
    listed = run("mail").stdout
    assert "receipt" in listed
    assert "accounts@example.com" in listed
    assert "1 in all: 1 written." in listed
    (told,) = json.loads(run("mail", "--json").stdout)
    assert (told["state"], told["kind"], told["invoice"], told["tries"]) == ("written", "receipt", "1042", 1)
    shown = run("mail", "--show", told["message"][:6]).stdout
    assert "Subject: Invoice 1042: £100.00 received, thank you" in shown
    assert "Paid so far: £100.00 of £840.00" in shown
    assert (world.folders.state / "mail" / told["answer"]).is_file()


def test_a_customer_without_an_address_is_named(world: World, run: Run) -> None:
    text = world.invoice("1042").read_text().replace('email = "accounts@example.com"\n', "")
    world.write("invoices/1042.md", text)
    run("build")
    run("record", "1042", "100", *TRANSFER, "RF 77")
    told = run("mail")
    assert "1 no address." in told.stdout
    assert "Receipt of invoice 1042 could not be sent, for the customer has no e-mail address." in told.stderr
    world.invoice("1042")
    run("build")
    (message,) = json.loads(run("mail", "--json").stdout)
    assert "1 written." in run("mail", "--retry", message["message"]).stdout


def test_without_a_live_key_no_server_is_asked(world: World, run: Run) -> None:
    with running(MailServer()) as server:
        live(world, server.port)
        run("record", "1042", "100", *TRANSFER, "RF 77")
        assert server.commands == []
    assert json.loads(run("mail", "--json").stdout)[0]["state"] == "written"


def test_with_a_live_key_mails_are_sent_and_say_nothing_of_tests(world: World, run: Run) -> None:
    with running(MailServer()) as server:
        key = live(world, server.port)
        recorded = run("record", "1042", "100", *TRANSFER, "RF 77", "--json", **key)
    assert recorded.exit_code == 0, recorded.output
    assert "Mails: 1 sent." in recorded.stderr
    assert b"This is about a test" not in server.received[0].text


def test_a_dead_mail_server_fails_no_command(world: World, run: Run) -> None:
    key = live(world, closed_port())
    recorded = run("record", "1042", "100", *TRANSFER, "RF 77", **key)
    assert recorded.exit_code == 0
    assert "entry 1 of invoice 1042" in recorded.stdout
    assert "The mail server takes nothing now" in recorded.stderr
    assert "1 in all: 1 waiting." in run("mail", **key).stdout
    with running(MailServer()) as server:
        key = live(world, server.port)
        sent = run("mail", "--send", **key)
        assert sent.exit_code == 0
        assert "Mail 1 of 1: Receipt of invoice 1042 to accounts@example.com" in sent.stderr
        assert len(server.received) == 1


def test_an_unknown_outcome_waits_for_the_owners_word(world: World, run: Run) -> None:
    with running(MailServer(trouble=("text", Does.CLOSE))) as server:
        key = live(world, server.port)
        run("record", "1042", "100", *TRANSFER, "RF 77", **key)
        server.trouble = None
        told = run("mail", "--send", **key)
        assert server.received == []
        assert "Whether Receipt of invoice 1042 to accounts@example.com arrived is not known" in told.stderr
        (message,) = json.loads(run("mail", "--json", **key).stdout)
        assert "1 sent." in run("mail", "--retry", message["message"], **key).stdout
        assert len(server.received) == 1
        again = run("mail", "--retry", message["message"], **key)
        assert again.exit_code == 1
        assert "is sent; it is not sent again" in again.stderr


def test_the_settings_can_be_tried(world: World, run: Run) -> None:
    assert "No mail server is set up." in run("mail", "--test").stderr
    with running(MailServer()) as server:
        live(world, server.port, owner="jo@example.com")
        tried = run("mail", "--test")
        assert tried.stdout == "Sent to jo@example.com: 250 2.0.0 queued as 42\n"
        server.trouble = ("mail", Does.NEVER)
        refused = run("mail", "--test")
        assert refused.exit_code == 1
        assert "127.0.0.1 did not take the mail: 554 no, at mail" in refused.stderr


def test_a_restored_ledger_sends_nothing_that_may_have_been_sent(world: World, run: Run) -> None:
    key = live(world, closed_port())
    run("record", "1042", "100", *TRANSFER, "RF 77", **key)
    copy = world.folders.state.parent / "copy.tar"
    assert run("backup", str(copy)).exit_code == 0
    assert run("restore", str(copy), "--force").exit_code == 0
    with running(MailServer()) as server:
        key = live(world, server.port)
        run("record", "1042", "50", *TRANSFER, "RF 78", **key)
        run("mail", "--send", **key)
        assert server.received == []
        run("record", "1042", "60", *TRANSFER, "RF 79", **key)
    assert len(server.received) == 1
    with closing(open_ledger(world.folders.state / "ledger.sqlite")) as ledger:
        assert [one.state for one in ledger.messages()] == [MessageState.UNKNOWN, MessageState.SENT]
