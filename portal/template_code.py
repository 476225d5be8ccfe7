"""What templates are compiled to: Jinja's own code, where a page asks the same small things some hundred times.

Jinja cannot know what a template is given, so for ``page.form`` it also looks for an item of that name, and each text
that is written becomes a safe one, in case it is asked again. Here templates are given finished records of texts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask.templating import Environment as FlaskEnvironment
from jinja2.compiler import CodeGenerator
from markupsafe import escape

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from typing import Any

    from jinja2 import nodes
    from jinja2.compiler import Frame


class _PlainCode(CodeGenerator):
    """Attributes are attributes, and what is written is escaped by ``PlainEnvironment.shown``."""

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802  Jinja's name
        """``page.form``, as Python has it."""
        self.visit(node.node, frame)
        self.write(f".{node.attr}")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: FBT001, FBT002, N802  Jinja's own
        """Texts and macros are called as they are: no function here asks for Jinja's context."""
        if forward_caller or node.dyn_args or node.dyn_kwargs:
            super().visit_Call(node, frame, forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        for argument in node.args:
            self.visit(argument, frame)
            self.write(", ")
        for named in node.kwargs:
            self.write(f"{named.key}=")
            self.visit(named.value, frame)
            self.write(", ")
        self.write(")")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        """As in Jinja's own ``jinja2.nativetypes``, this says what every value goes through that is written."""
        del node, frame, finalize
        self.write("environment.shown(")


class PlainEnvironment(FlaskEnvironment):
    """Templates that show finished records; everything is escaped that is not markup already."""

    code_generator_class = _PlainCode

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals of a template, as one plain mapping, for a chain of two is asked a hundred times for each page.

        Those of the environment are all there before the first template is read.
        """
        return {**self.globals, **(d or {})}

    @staticmethod
    def shown(value: object) -> str:
        """A value as HTML; a text without anything to escape is used as it is."""
        if type(value) is not str:
            return escape(value)
        is_plain = "&" not in value and "<" not in value and ">" not in value and '"' not in value and "'" not in value
        return value if is_plain else escape(value)
