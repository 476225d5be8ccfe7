"""Opening PDFs and workbooks in a process of its own, bounded in time, memory and size: nothing outside is trusted."""

from __future__ import annotations

import base64
import contextlib
import json
import subprocess
import sys
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from portal.errors import ContentError, Problem

if TYPE_CHECKING:
    from types import TracebackType

LONGEST_SECONDS = 60
"""How long one file may take; after that it is given up."""
_READER = Path(__file__).with_name("sealed_reader.py")

_SAVE_IT = "Open it in your spreadsheet program and save it as .xlsx or .csv."
_LOCKED = "EncryptedPackage".encode("utf-16-le")
"""What holds the workbook where it has a password ([MS-OFFCRYPTO] 2.3.4.4)."""
_HEAD = 1 << 16

Cell = str | float | bool | dict[str, str] | None
"""A day is ``{"day": "2026-10-31"}``."""


class RawSheet(NamedTuple):
    """One sheet of a workbook, its cells from the first row and column on."""

    name: str
    hidden: bool
    rows: list[list[Cell]]


class Attachment(NamedTuple):
    """A file that a PDF carries."""

    name: str
    content: bytes


class SealedReader:
    """The process that opens files; started when it is first needed, and again after a file has brought it down.

    Use it as a context manager: it ends with the block.
    """

    def __init__(self, longest_seconds: float = LONGEST_SECONDS) -> None:
        self._longest_seconds = longest_seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def attachments(self, path: Path, file: str) -> tuple[Attachment, ...]:
        """The XML files inside a PDF.

        Raises:
            ContentError: the PDF cannot be opened, with the file and why.
        """
        found = self._asked("pdf", path, file, "Print it to a new PDF, or remove it.")["attachments"]
        return tuple(Attachment(name, base64.b64decode(content)) for name, content in found)

    def sheets(self, path: Path, file: str) -> tuple[RawSheet, ...]:
        """The sheets of a workbook: xlsx, xlsm, xlsb, xls or ods.

        Raises:
            ContentError: the workbook cannot be opened, with the file and why.
        """
        try:
            return tuple(RawSheet(**sheet) for sheet in self._asked("workbook", path, file, _SAVE_IT)["sheets"])
        except ContentError as error:
            raise _seen_through(path, file) or error from None

    def _asked(self, kind: str, path: Path, file: str, remedy: str) -> dict[str, Any]:
        request = json.dumps({"kind": kind, "path": str(path.resolve())})
        line = self._line(f"{request}\n".encode())
        if not line:
            self._end()
            answer: dict[str, Any] = {"error": "it takes too long or too much memory"}
        else:
            answer = json.loads(line)
        if "error" in answer:
            what = "PDF" if kind == "pdf" else "workbook"
            raise ContentError(Problem(f"This {what} cannot be read: {answer['error']}.", remedy, file=file))
        return answer

    def _line(self, request: bytes) -> bytes:
        """One line of answer; nothing where the process ended or had to be ended."""
        process = self._running()
        if process.stdin is None or process.stdout is None:  # both are pipes
            return b""
        timer = Timer(self._longest_seconds, process.kill)
        timer.start()
        try:
            process.stdin.write(request)
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:
            line = b""
        finally:
            timer.cancel()
        return line if line.endswith(b"\n") else b""

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603  our own program, with fixed arguments
                [sys.executable, "-P", str(_READER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                # A request that the process did not live to read is still to be written, and cannot be.
                with contextlib.suppress(OSError):
                    pipe.close()
        process.wait()


def _seen_through(path: Path, file: str) -> ContentError | None:
    """What a file is instead of a workbook; programs name texts and web pages so. None where that cannot be told."""
    raw = path.read_bytes()
    head = raw[:_HEAD]
    if _LOCKED in raw:
        found = "This workbook has a password.", "Save it without one, as .xlsx or .csv."
    elif head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        found = "This is a web page that is named like a workbook.", _SAVE_IT
    elif head and b"\0" not in head and not head.startswith(b"PK"):
        found = "This is a text that is named like a workbook.", "Name it .csv if it is a table with a header."
    else:
        return None
    return ContentError(Problem(*found, file=file))
