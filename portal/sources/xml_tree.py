"""XML as a small tree in which every element knows its line. No DOCTYPE, no entities, bounded in size."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat

from portal.errors import ContentError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_ELEMENTS = 200_000
_BETWEEN = " "  # expat joins namespace and local name with it; no namespace holds a blank


@dataclass(slots=True)
class Element:
    """One element: local name, namespace, attributes, 1-based line, children and its own text."""

    name: str
    namespace: str
    attributes: dict[str, str]
    line: int
    children: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its own text, without white space at the ends."""
        return "".join(self.pieces).strip()

    def all(self, path: str) -> Iterator[Element]:
        """Every element below it along a path of local names: ``"PaymentMeans/PaymentID"``; ``"A|B"`` is either."""
        first, _, rest = path.partition("/")
        names = first.split("|")
        for child in self.children:
            if child.name in names:
                if rest:
                    yield from child.all(rest)
                else:
                    yield child

    def first(self, *paths: str) -> Element | None:
        """The first element with text along any of the paths, tried in their order."""
        return next((found for path in paths for found in self.all(path) if found.text), None)

    def nearest_line(self, path: str) -> int:
        """The line of the deepest element along a path: where something that is missing belongs."""
        here = self
        for names in path.split("/"):
            inner = next(here.all(names), None)
            if inner is None:
                break
            here = inner
        return here.line

    def value(self, *paths: str) -> str | None:
        """The text of ``first``."""
        found = self.first(*paths)
        return found.text if found else None


class _Tree:
    def __init__(self, file: str, document: str, most_elements: int) -> None:
        self.file = file
        self.document = document
        self.most_elements = most_elements
        self.parser = expat.ParserCreate(namespace_separator=_BETWEEN)
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters
        self.root: Element | None = None
        self.open: list[Element] = []
        self.count = 0

    def doctype(self, *_: object) -> None:
        raise self.refusal(
            f"It has a DOCTYPE, which no {self.document} has.", f"Export the {self.document} again, without it."
        )

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count > self.most_elements:
            raise self.refusal(
                f"It has more than {self.most_elements} elements.", f"Keep one {self.document} in one file."
            )
        namespace, _, local = name.rpartition(_BETWEEN)
        element = Element(local, namespace, attributes, self.parser.CurrentLineNumber)
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.root = element
        self.open.append(element)

    def end(self, _: str) -> None:
        self.open.pop()

    def characters(self, text: str) -> None:
        self.open[-1].pieces.append(text)

    def refusal(self, problem: str, remedy: str) -> ContentError:
        return ContentError(Problem(problem, remedy, file=self.file, line=self.parser.CurrentLineNumber))


def parse_xml(raw: bytes, *, file: str, document: str = "invoice", most_elements: int = MOST_ELEMENTS) -> Element:
    """The root of an XML document.

    Args:
        raw: the file as it is.
        file: as problems name it.
        document: what it is, for their words.
        most_elements: it may have.

    Raises:
        ContentError: not well-formed, with a DOCTYPE, or too large; with file and line.
    """
    tree = _Tree(file, document, most_elements)
    try:
        tree.parser.Parse(raw, True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code) or "it cannot be read"
        raise tree.refusal(f"This is not well-formed XML: {reason}.", f"Export the {document} again.") from error
    except (LookupError, ValueError) as error:  # an encoding that Python does not know
        raise tree.refusal("Its encoding is not known.", "Save it as UTF-8.") from error
    if tree.root is None:  # expat refuses a document without a root first
        raise tree.refusal("It holds no element.", f"Export the {document} again.")
    return tree.root
