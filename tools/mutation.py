"""Small changes of meaning in a module's source: one operator, comparison, constant or branch each."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

OPERATORS = {
    **{"+": "-", "-": "+", "*": "/", "/": "*", "//": "/", "%": "*", "**": "*", "|": "&", "&": "|"},
    **{"<<": ">>", ">>": "<<", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="},
    **{"is": "is not", "is not": "is", "in": "not in", "not in": "in", "and": "or", "or": "and"},
}
LEFT_OUT = ("__all__", "TYPE_CHECKING")
Change = tuple[int, int, str, str]


@dataclass(frozen=True)
class Mutant:
    """One change: ``before`` at offset ``start`` of the file's bytes becomes ``after``."""

    file: str
    line: int
    start: int
    before: str
    after: str

    def apply(self, source: bytes) -> bytes:
        """Return the changed source."""
        old = self.before.encode()
        assert source[self.start : self.start + len(old)] == old
        return source[: self.start] + self.after.encode() + source[self.start + len(old) :]


def mutants(file: str, source: bytes) -> list[Mutant]:
    """List every mutant of a module; each of them is still a program."""
    found = []
    for line, start, before, after in _changes(source):
        one = Mutant(file, line, start, before, after)
        try:
            compile(one.apply(source), file, "exec")
        except (SyntaxError, ValueError):
            continue
        found.append(one)
    return sorted(found, key=lambda one: (one.start, one.after))


class _Source:
    """Source bytes with the offsets of nodes in them."""

    def __init__(self, source: bytes) -> None:
        self.bytes, self._lines = source, [0]
        for text in source.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(text))

    def begin(self, node: ast.expr) -> int:
        return self._lines[node.lineno - 1] + node.col_offset

    def end(self, node: ast.expr) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._lines[node.end_lineno - 1] + node.end_col_offset

    def text(self, begin: int, end: int) -> str:
        return self.bytes[begin:end].decode()

    def operator(self, left: ast.expr, right: ast.expr) -> Iterator[Change]:
        """Exchange the operator between two operands."""
        gap = self.text(self.end(left), self.begin(right))
        match = re.search(r"is\s+not|not\s+in|\w+|[^\w\s()\\#]+", gap)
        other = OPERATORS.get(" ".join(match[0].split())) if match else None
        if match and other:
            yield left.lineno, self.end(left) + match.start(), match[0], other

    def number(self, node: ast.Constant) -> Iterator[Change]:
        """Exchange True for False, or add one to a number."""
        value = node.value
        if isinstance(value, bool | int | float):
            other = not value if isinstance(value, bool) else value + 1
            yield node.lineno, self.begin(node), self.text(self.begin(node), self.end(node)), repr(other)

    def negation(self, node: ast.UnaryOp) -> Iterator[Change]:
        """Leave a ``not`` out."""
        if isinstance(node.op, ast.Not):
            yield node.lineno, self.begin(node), self.text(self.begin(node), self.begin(node.operand)), ""

    def branch(self, node: ast.If | ast.IfExp | ast.While) -> Iterator[Change]:
        """Take the other branch."""
        text = self.text(self.begin(node.test), self.end(node.test))
        if not isinstance(node.test, ast.UnaryOp) and not any(word in text for word in LEFT_OUT):
            yield node.test.lineno, self.begin(node.test), text, f"not ({text})"


def _changes(source: bytes) -> Iterator[Change]:
    at = _Source(source)
    for node in _walk(ast.parse(source)):
        match node:
            case ast.BinOp(left=left, right=right):
                yield from at.operator(left, right)
            case ast.BoolOp(values=values):
                for one, other in pairwise(values):
                    yield from at.operator(one, other)
            case ast.Compare(left=left, comparators=others):
                for one, other in pairwise([left, *others]):
                    yield from at.operator(one, other)
            case ast.Constant():
                yield from at.number(node)
            case ast.UnaryOp():
                yield from at.negation(node)
            case ast.If() | ast.IfExp() | ast.While():
                yield from at.branch(node)


def _walk(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk over what is run and could fail: not annotations, the bodies of protocols, or arguments of decorators."""
    for field, value in ast.iter_fields(tree):
        if field in ("annotation", "returns", "decorator_list"):
            continue
        for node in value if isinstance(value, list) else [value]:
            if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "Protocol" for base in node.bases):
                continue
            if isinstance(node, ast.AST):
                yield node
                yield from _walk(node)
