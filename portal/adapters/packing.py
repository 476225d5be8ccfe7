"""Pages packed in advance, for web servers that send a packed copy where one lies beside the page.

Read by nginx's ``gzip_static`` and ``brotli_static``, Caddy's ``precompressed`` and others: ``index.html.gz`` and
``index.html.br`` beside ``index.html``.
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

try:
    import brotli
except ModuleNotFoundError:  # the extra is not installed: gzip alone, which every browser takes
    brotli = None

if TYPE_CHECKING:
    from collections.abc import Callable

GZIP, BROTLI = ".gz", ".br"
COPIES = (GZIP, BROTLI)
"""What the name of a copy ends in, after the page's own."""
_PACKED = ".html"
_QUALITY = 10
"""Of brotli's: 2 % larger than with 11, in less than half of its time."""


def copies_of(path: str, body: bytes) -> dict[str, bytes]:
    """The packed copies of a page by their paths; the same bytes give the same copies. Other files have none."""
    return {f"{path}{ending}": pack(body) for ending, pack in _packers().items()} if path.endswith(_PACKED) else {}


def _packers() -> dict[str, Callable[[bytes], bytes]]:
    found: dict[str, Callable[[bytes], bytes]] = {GZIP: lambda body: gzip.compress(body, mtime=0)}
    if brotli is not None:
        found[BROTLI] = lambda body: bytes(brotli.compress(body, mode=brotli.MODE_TEXT, quality=_QUALITY))
    return found
