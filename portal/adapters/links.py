"""Links nobody can guess: a token is a signature over what it opens, so it is the same on every build."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import stat
from base64 import b32encode
from functools import lru_cache
from typing import TYPE_CHECKING

from itsdangerous import Signer
from itsdangerous.encoding import base64_decode

from portal.adapters.private_files import create_private_file, make_private_folder, sync_folder
from portal.errors import LinkError, Problem

if TYPE_CHECKING:
    from pathlib import Path

    from portal.ports import LinkKind

KEY_FILE = "link.key"
KEY_VARIABLE = "PORTAL_LINK_KEY"
MINIMUM_KEY_BYTES = 32
TOKEN_BYTES = 20

PORTAL_ID_LENGTH = 16

_SALT = b"link.v1"
_PORTAL_SALT = b"portal.v1"
_TOKEN = re.compile(r"[a-z2-7]{32}")


def load_link_key(state: Path, configured: str | None) -> bytes:
    """The key that signs links: the configured one, else the one kept in ``state``, made on first use.

    Raises:
        LinkError: the key is too short, or others can read its file.
    """
    if configured is not None:
        return _long_enough(configured.encode(), file=None)
    path = state / KEY_FILE
    if not path.exists():
        _make_key_file(path)
    return _read_key_file(path)


def find_link_key(state: Path, configured: str | None) -> bytes | None:
    """The key as ``load_link_key`` would find it; None where it would have to be made.

    Raises:
        LinkError: the key is too short, or others can read its file.
    """
    return load_link_key(state, configured) if configured is not None or (state / KEY_FILE).exists() else None


def token_of(key: bytes, kind: LinkKind, subject: str, version: int) -> str:
    """The token of a link: 160 bits as 32 lower-case letters and digits, since some hosts fold the case of paths.

    The signed text is a JSON list, so that no two links can spell the same text.
    """
    signature = _signer(key).get_signature(json.dumps([kind.value, subject, version]))
    return b32encode(base64_decode(signature)[:TOKEN_BYTES]).decode().lower()


def portal_id_of(key: bytes) -> str:
    """What payments carry at the provider to say whose they are: the same for ever, and it says nothing of the key."""
    signature = _signer(key, _PORTAL_SALT).get_signature("portal")
    return b32encode(base64_decode(signature))[:PORTAL_ID_LENGTH].decode().lower()


def is_token(text: str) -> bool:
    """Whether a text has the one form that tokens have; other spellings of the same bits are no tokens."""
    return _TOKEN.fullmatch(text) is not None


@lru_cache(maxsize=4)
def _signer(key: bytes, salt: bytes = _SALT) -> Signer:
    """What signs for one purpose. Its own key is derived once, for a build signs every link several times."""
    derived = Signer(key, salt=salt, key_derivation="hmac", digest_method=hashlib.sha256).derive_key()
    return Signer(derived, salt=salt, key_derivation="none", digest_method=hashlib.sha256)


def _make_key_file(path: Path) -> None:
    """Make the key file whole or not at all; of two who do so at once, the first wins and both use its key."""
    make_private_folder(path.parent)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    create_private_file(draft, secrets.token_hex(MINIMUM_KEY_BYTES).encode() + b"\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
        sync_folder(path.parent)


def _read_key_file(path: Path) -> bytes:
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise LinkError(
                Problem(
                    f"Others on this computer can read the link key (its mode is {mode:o}).",
                    f"Run: chmod 600 {path}",
                    file=str(path),
                )
            )
        return _long_enough(file.read().strip(), file=str(path))


def _long_enough(key: bytes, *, file: str | None) -> bytes:
    if len(key) >= MINIMUM_KEY_BYTES:
        return key
    raise LinkError(
        Problem(
            f"The link key has {len(key)} bytes; fewer than {MINIMUM_KEY_BYTES} can be guessed.",
            "Put back the key the links were made with, or remove this one to have a new one made: every link changes."
            if file
            else "Set it to 64 random characters, or remove it to have a key made and kept.",
            file=file,
            field=None if file else KEY_VARIABLE,
        )
    )
