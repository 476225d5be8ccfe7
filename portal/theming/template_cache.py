"""Templates as they were compiled, kept as Python keeps its modules: beside them, and only for this very version.

Compiling its templates was an eighth of the time of a build that makes no page.
"""

from __future__ import annotations

import hashlib
import sys
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2

from portal.software import software_digest

if TYPE_CHECKING:
    from jinja2.bccache import Bucket

TEMPLATES = Path(__file__).parents[1] / "templates"


def template_cache(name: str) -> jinja2.BytecodeCache | None:
    """Where compiled templates are kept; None where Python is told to keep nothing, or nothing can be written.

    Args:
        name: of those who compile them; each has templates of its own, for each reads them in its own way.
    """
    if sys.dont_write_bytecode:
        return None
    folder = Path(cache_from_source(str(TEMPLATES / f"{name}.py"))).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return _TemplateCache(str(folder), f"{name}-%s.{sys.implementation.cache_tag}")


class _TemplateCache(jinja2.FileSystemBytecodeCache):
    """Compiled templates that hold for this version of the portal and of Jinja."""

    def get_source_checksum(self, source: str) -> str:
        """What a compiled template has to be made from: its source, and all that compiles it."""
        digest = hashlib.blake2b(software_digest())
        digest.update(f"{jinja2.__version__} {source}".encode())
        return digest.hexdigest()

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take a compiled template that is kept; one that was not written to its end is as none."""
        try:
            super().load_bytecode(bucket)
        except Exception:  # noqa: BLE001  whatever is wrong with it, the template itself is there
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template, where that can be done."""
        with suppress(OSError):
            super().dump_bytecode(bucket)
