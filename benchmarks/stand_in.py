"""Two pages on loopback: an invoice of the portal's, and one rebuilt to the figures of a GOV.UK Pay page.

Of a GOV.UK Pay page it is known that it takes 6 to 12 requests and 96 to 108 KB on the way. The stand-in takes the
lighter end of both and divides it as pages of that design do: a document, a stylesheet that the first paint waits for,
a script that it does not wait for, two fonts shown late (``font-display: fallback``) and one image. What is in them is
filler, which is parsed in no time; so the stand-in is rather quicker than the page it stands for.
"""

from __future__ import annotations

import gzip
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KB = 1000
SIZES = {"/pay": 6, "/pay.css": 15, "/pay.js": 11, "/light.woff2": 31, "/bold.woff2": 31, "/crest.png": 2}
"""Kilobytes on the way, 96 together."""
_TYPES = {"css": "text/css", "js": "text/javascript", "woff2": "font/woff2", "png": "image/png"}
_PAGE = """\
<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Enter card details</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><link rel="stylesheet" href="/pay.css"></head>
<body><header><img src="/crest.png" alt="" width="32" height="32"> GOV.UK Pay</header>
<main><h1>Enter card details</h1><p>Payment for your invoice</p><p><strong>£840.00</strong></p>
<form><label>Card number <input></label><button type="button">Continue</button></form></main>
<script src="/pay.js" type="module"></script><!--{filler}--></body></html>
"""
_STYLES = """\
@font-face{{font-family:T;src:url(/light.woff2) format("woff2");font-weight:400;font-display:fallback}}
@font-face{{font-family:T;src:url(/bold.woff2) format("woff2");font-weight:700;font-display:fallback}}
body{{font-family:T,sans-serif;margin:1rem}}/*{filler}*/
"""


def stand_in() -> dict[str, bytes]:
    """The files of the stand-in, each as large as it is on the way."""
    texts = {"/pay": _PAGE, "/pay.css": _STYLES, "/pay.js": "/*{filler}*/"}
    files = {path: bytes(Random(path).randbytes(kilobytes * KB)) for path, kilobytes in SIZES.items()}  # noqa: S311  filler
    for path, text in texts.items():
        missing = SIZES[path] * KB - len(text.format(filler="").encode())
        files[path] = text.format(filler="x" * missing).encode()
    return files


@contextmanager
def served(page: bytes, headers: Mapping[str, str]) -> Iterator[str]:
    """Serve an invoice's page at ``/invoice``, packed with gzip, and the stand-in's files as they are."""
    files = stand_in()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            is_invoice = self.path == "/invoice"
            body = gzip.compress(page) if is_invoice else files.get(self.path, b"")
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", _TYPES.get(self.path.rpartition(".")[2], "text/html; charset=utf-8"))
            for name, value in {"Content-Encoding": "gzip", **headers}.items() if is_invoice else ():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Nothing; the table says it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
