"""Encrypted pages: what lies at the host tells nothing, and the link alone opens it."""

from __future__ import annotations

import base64
import re
import zlib
from typing import TYPE_CHECKING

import pytest
import requests
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st
from world import World, served_world

from portal.adapters.links import is_token
from portal.building.freeze import PageFreezer
from portal.config import PortalSettings, Settings
from portal.hosting.headers import content_security_policy
from portal.hosting.public_hosts import public_host_problems
from portal.links.issuing import LinkPlace
from portal.links.sealing import STEP, address_of, seal, seal_document
from portal.ports.links import LinkKind
from portal.settings.business import Business
from portal.settings.links import LinkSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN, OTHER = "a" * 32, "b" * 32
ENCRYPTED = "[links]\nencrypted = true\n"
DOCUMENT = "%PDF-1.4 secret\n"
SECRETS = ("1042", "Sample Customer", "accounts@example.com", "31 October", "2026-10-31")


def opened(token: str, sealed: str) -> str:
    """What a browser does, by another implementation than the portal's."""
    return unsealed(token, base64.b64decode(sealed), b"page.v1").decode()


def unsealed(token: str, raw: bytes, use: bytes) -> bytes:
    key = HKDF(SHA256(), 32, None, use + b" key").derive(token.encode())
    plain = AESGCM(key).decrypt(raw[:12], raw[12:], use)
    return zlib.decompress(plain[4 : 4 + int.from_bytes(plain[:4])])


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[World]:
    with served_world(tmp_path, ENCRYPTED) as here:
        yield here


def file_of(world: World, url: str) -> Path:
    return world.folders.output / url.removeprefix(f"{world.url}/").partition("#")[0] / "index.html"


def inside(world: World, url: str) -> str:
    page = file_of(world, url).read_text(encoding="utf-8")
    (sealed,) = re.findall(r'data-page="([^"]+)"', page)
    return opened(url.partition("#")[2], sealed)


@given(st.text())
def test_what_is_sealed_comes_out_again_and_is_the_same_each_time(page: str) -> None:
    sealed = seal(TOKEN, page)
    assert opened(TOKEN, sealed) == page
    assert seal(TOKEN, page) == sealed
    assert len(base64.b64decode(sealed)) % STEP == 12 + 16, "its length says no more than how many steps it takes"


@given(st.text(), st.text())
def test_no_nonce_is_used_for_two_texts_or_by_two_keys(one: str, other: str) -> None:
    nonces = {base64.b64decode(seal(*what))[:12] for what in ((TOKEN, one), (TOKEN, other), (OTHER, one))}
    assert len(nonces) == len({one, other}) + 1


def test_another_link_opens_nothing() -> None:
    with pytest.raises(InvalidTag):
        opened(OTHER, seal(TOKEN, "page"))


@given(st.binary(max_size=20_000))
def test_a_document_comes_out_again_and_is_never_taken_for_a_page(document: bytes) -> None:
    sealed = seal_document(TOKEN, document)
    assert unsealed(TOKEN, sealed, b"document.v1") == document
    assert len(sealed) % STEP == 12 + 16
    with pytest.raises(InvalidTag):
        opened(TOKEN, base64.b64encode(sealed).decode())
    with pytest.raises(InvalidTag):
        unsealed(OTHER, sealed, b"document.v1")


def test_an_address_says_nothing_of_its_token() -> None:
    assert is_token(address_of(TOKEN))
    assert len({address_of(TOKEN), address_of(OTHER), TOKEN, OTHER}) == 4


def test_no_file_of_an_encrypted_portal_tells_anything(locked: World) -> None:
    locked.invoice("1043")
    locked.write("invoices/1043.pdf", DOCUMENT)
    locked.build()
    portal = locked.open()
    tokens = [link.token for link in portal.ledger.links_issued() if link.kind is not LinkKind.PAY_ONLY]
    assert len(tokens) == 3
    for path in (path for path in locked.folders.output.rglob("*") if path.is_file()):
        name, text = str(path.relative_to(locked.folders.output)), path.read_text(encoding="latin-1")
        # The sign of a document and not the three letters alone: encrypted text may hold those by chance.
        assert "%PDF" not in text
        shown = re.sub(r'data-page="[^"]*"', "", text.partition("</style>")[2])
        assert not [token for token in tokens if token in text or token in name], name
        if not name.startswith("p/"):
            assert not [secret for secret in SECRETS if secret in shown], name
        assert not name.endswith(".pdf")


def test_the_link_opens_the_whole_page_and_the_statement_leads_to_it(locked: World) -> None:
    locked.invoice("1043")
    locked.build()
    portal = locked.open()
    page = inside(locked, portal.url_of("1042"))
    assert "Sample Customer Ltd" in page
    assert f'name="token" value="{portal.token_of("1042")}"' in page
    (statement,) = portal.ledger.links_in_force(LinkKind.STATEMENT)
    listed = inside(locked, portal.url_of_link(statement))
    assert portal.url_of("1042").removeprefix(locked.url) in listed


def test_the_invoices_own_document_lies_encrypted_beside_its_page_and_goes_with_it(locked: World) -> None:
    locked.write("invoices/1042.pdf", DOCUMENT)
    locked.build()
    portal = locked.open()
    page = inside(locked, portal.url_of("1042"))
    (found,) = re.findall(r'href="(/i/[^"]+)" download="1042.pdf" data-sealed', page)
    file = locked.folders.output / found.removeprefix("/")
    assert unsealed(portal.token_of("1042"), file.read_bytes(), b"document.v1") == DOCUMENT.encode()
    served = requests.get(f"{locked.url}{found}", timeout=10)
    assert (served.headers["Content-Type"], served.content) == ("application/octet-stream", file.read_bytes())
    portal.issuing().revoke(LinkPlace(LinkKind.INVOICE, "1042", "1042"))
    PageFreezer(portal).freeze_stale()
    assert not file.exists()


def test_a_receipt_lies_encrypted_below_its_page_and_goes_with_it(locked: World) -> None:
    token, shown = locked.open().token_of("1042"), "GBP 840.00"
    sent = {"token": token, "shown": shown, "want": "all"}
    checkout = requests.post(f"{locked.url}/pay", data=sent, allow_redirects=False, timeout=60).headers["Location"]
    back = locked.come_back(locked.at_checkout(checkout))
    assert back.headers["Location"] == locked.open().url_of("1042")
    portal = locked.open()
    (href,) = re.findall(r'href="([^"]+/receipt/[^"]*)"', inside(locked, portal.url_of("1042")))
    receipt = f"{locked.url}{href}"
    assert "Sample Customer" in inside(locked, receipt)
    assert "Sample Customer" not in file_of(locked, receipt).read_text(encoding="utf-8")
    portal.issuing().revoke(LinkPlace(LinkKind.INVOICE, "1042", "1042"))
    PageFreezer(portal).freeze_stale()
    assert not file_of(locked, receipt).exists()


def test_an_unchanged_page_is_left_as_it_is_to_the_byte(locked: World) -> None:
    path = file_of(locked, locked.open().url_of("1042"))
    before = path.read_bytes()
    assert locked.build().pages.written == 0
    path.unlink()
    locked.build()
    assert path.read_bytes() == before


def test_the_button_outside_pays_through_the_pay_only_link(locked: World) -> None:
    portal = locked.open()
    page = file_of(locked, portal.url_of("1042")).read_text(encoding="utf-8")
    (pay_only,) = portal.ledger.links_in_force(LinkKind.PAY_ONLY)
    assert locked.form(page)["token"] == pay_only.token
    assert "Pay £840.00 now" in page


def test_a_replaced_link_keeps_its_encrypted_address_free_of_the_old_page(locked: World) -> None:
    portal = locked.open()
    before = portal.url_of("1042")
    portal.issuing().rotate(LinkPlace(LinkKind.INVOICE, "1042", "1042"))
    PageFreezer(portal).freeze_stale()
    assert "This link was replaced" in file_of(locked, before).read_text(encoding="utf-8")
    assert "Sample Customer" in inside(locked, portal.url_of("1042"))


def test_switching_encryption_on_leaves_no_page_in_the_open(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write("invoices/1042.pdf", DOCUMENT)
    world.build()
    token = world.open().token_of("1042")
    assert (world.folders.output / "i" / token / "invoice.pdf").exists()
    settings = world.folders.content / "portal.toml"
    settings.write_text(settings.read_text() + ENCRYPTED)
    world.build()
    assert not (world.folders.output / "i" / token).exists()
    assert world.open().token_of("1042") == token


def test_the_script_is_allowed_only_where_pages_are_encrypted() -> None:
    plain = Settings(business=Business(name="Sample"))
    assert "script-src" not in content_security_policy(plain, ["sha256-x"])
    policy = content_security_policy(plain.model_copy(update={"links": LinkSettings(encrypted=True)}), ["sha256-x"])
    assert re.search(r"script-src 'sha256-[A-Za-z0-9+/=]{44}'", policy)
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("address", "encrypted", "told"),
    [
        ("https://somebody.github.io/pay", False, True),
        ("https://somebody.github.io", True, False),
        ("https://pay.example.com", False, False),
        ("https://github.io.example.com", False, False),
    ],
)
def test_public_repositories_demand_encryption(address: str, *, encrypted: bool, told: bool) -> None:
    settings = Settings(
        business=Business(name="Sample"),
        portal=PortalSettings(base_url=address),
        links=LinkSettings(encrypted=encrypted),
    )
    assert bool(public_host_problems(settings)) is told


def test_a_build_warns_of_pages_in_a_public_repository(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write("portal.toml", '[business]\nname = "Sample"\n[portal]\nbase_url = "https://somebody.github.io"\n')
    assert "encrypted = true" in world.build().warnings[0].remedy
