from __future__ import annotations

import base64
import hmac
import random
import string
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.adapters.ledger.sql_ledger import open_ledger
from portal.adapters.links import is_token, load_link_key, token_of
from portal.errors import LinkError
from portal.ports import Link, LinkKind
from portal.receivables.invoice import Customer, Invoice
from portal.receivables.money import Money

if TYPE_CHECKING:
    from pathlib import Path

KEY = b"k" * 32
ALPHABET = string.ascii_lowercase + "234567"
TOKEN = token_of(KEY, LinkKind.INVOICE, "INV-1", 1)


def invoices(count: int) -> list[Invoice]:
    total = Money(100, "EUR")
    return [Invoice(f"INV-{n}", f"INV-{n}", Customer("Ada"), total, total, None, None, "a.md") for n in range(count)]


def links_for(key: bytes, listed: list[Invoice]) -> list[Link]:
    return [Link(token_of(key, LinkKind.INVOICE, one.key, 1), one.key) for one in listed]


def test_a_token_is_the_same_on_every_machine_that_has_the_key() -> None:
    """Changing this value moves every page that was ever sent to a customer."""
    derived = hmac.digest(KEY, b"link.v1", "sha256")
    signed = hmac.digest(derived, b'["invoice", "INV-1", 1]', "sha256")
    assert base64.b32encode(signed[:20]).decode().lower() == TOKEN == "qi3rpiuwv77bmqtqgams6fej6jbaz7ha"


def test_a_token_differs_by_key_number_version_and_kind() -> None:
    class OtherKind:
        value = "statement"

    others = {
        token_of(b"K" * 32, LinkKind.INVOICE, "INV-1", 1),
        token_of(KEY, LinkKind.INVOICE, "INV-2", 1),
        token_of(KEY, LinkKind.INVOICE, "INV-1", 2),
        token_of(KEY, LinkKind.INVOICE, "INV-11", 1),
        token_of(KEY, LinkKind.INVOICE, "inv-1", 1),
        token_of(KEY, OtherKind(), "INV-1", 1),  # type: ignore[arg-type]  # a kind to come
    }
    assert len(others) == 6
    assert TOKEN not in others


@given(st.text(), st.integers(1, 99), st.text(), st.integers(1, 99))
def test_no_two_links_share_a_token(key: str, version: int, other_key: str, other_version: int) -> None:
    one = token_of(KEY, LinkKind.INVOICE, key, version)
    other = token_of(KEY, LinkKind.INVOICE, other_key, other_version)
    assert is_token(one)
    assert (one == other) == ((key, version) == (other_key, other_version))


def test_every_other_spelling_of_a_token_opens_nothing(tmp_path: Path) -> None:
    letters = ALPHABET + string.ascii_uppercase + "0189=-_.!/%\n \x00é"
    edits = {TOKEN[:at] + letter + TOKEN[at + 1 :] for at in range(32) for letter in letters}
    edits |= {TOKEN[:at] + letter + TOKEN[at:] for at in range(33) for letter in letters}
    edits |= {TOKEN[:at] + TOKEN[at + 1 :] for at in range(32)} | {TOKEN[:at] for at in range(32)}
    edits |= {TOKEN.upper(), TOKEN.title(), f"{TOKEN}=", f"{TOKEN}\n", f" {TOKEN}", TOKEN * 2}
    edits.discard(TOKEN)
    assert len(edits) > 4000
    shaped = [text for text in edits if is_token(text)]
    assert all(len(text) == 32 and set(text) <= set(ALPHABET) for text in shaped)
    with closing(open_ledger(tmp_path / "ledger.db")) as ledger:
        ledger.replace_invoices(invoices(2), links_for(KEY, invoices(2)))
        assert ledger.link(TOKEN) is not None
        assert not [text for text in shaped if ledger.link(text)]


def test_guessing_finds_no_link() -> None:
    issued = {link.token for link in links_for(KEY, invoices(1000))}
    guess = random.Random(7)  # noqa: S311  the same guesses on every run
    guesses = ["".join(guess.choices(ALPHABET, k=32)) for _ in range(100_000)]
    assert all(map(is_token, guesses[:1000]))
    assert issued.isdisjoint(guesses)


def test_a_link_is_made_for_every_invoice_in_no_time() -> None:
    many = invoices(10_000)
    started = time.process_time()
    links = links_for(KEY, many)
    assert time.process_time() - started < 2
    assert len({link.token for link in links}) == 10_000
    assert links[1].token == TOKEN
    assert [link.subject for link in links] == [invoice.key for invoice in many]


def test_the_configured_key_is_used_and_no_file_made(tmp_path: Path) -> None:
    assert load_link_key(tmp_path / "state", "é" * 16) == ("é" * 16).encode()
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("short", ["", "x", "x" * 31])
def test_a_short_configured_key_is_refused(tmp_path: Path, short: str) -> None:
    with pytest.raises(LinkError, match=r"PORTAL_LINK_KEY.*fewer than 32"):
        load_link_key(tmp_path, short)


def test_a_key_is_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    state = tmp_path / "state"
    key = load_link_key(state, None)
    file = state / "link.key"
    assert len(key) == 64
    assert set(key) <= set(b"0123456789abcdef")
    assert file.stat().st_mode & 0o777 == 0o600
    assert state.stat().st_mode & 0o777 == 0o700
    assert load_link_key(state, None) == key
    assert [file.name for file in state.iterdir()] == ["link.key"]
    assert load_link_key(tmp_path / "other", None) != key


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    load_link_key(tmp_path, None)
    (tmp_path / "link.key").chmod(mode)
    with pytest.raises(LinkError, match=r"chmod 600 .*link\.key"):
        load_link_key(tmp_path, None)


def test_a_key_file_that_is_too_short_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "link.key"
    file.touch(mode=0o600)
    with pytest.raises(LinkError, match=r"link\.key.*0 bytes"):
        load_link_key(tmp_path, None)
    assert file.read_bytes() == b""


def test_processes_that_make_the_key_at_once_agree_on_it(tmp_path: Path) -> None:
    script = (
        "import sys, time, pathlib\n"
        "from portal.adapters.links import load_link_key\n"
        "state = pathlib.Path(sys.argv[1]); go = state.parent / 'go'\n"
        "while not go.exists(): time.sleep(0.001)\n"
        "print(load_link_key(state, None).decode())"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "state")]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    time.sleep(1)
    (tmp_path / "go").touch()
    keys = [child.communicate(timeout=20)[0].strip() for child in children]
    assert len(set(keys)) == 1
    assert len(keys[0]) == 64
    assert [file.name for file in (tmp_path / "state").iterdir()] == ["link.key"]
