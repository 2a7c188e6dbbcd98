"""A small, safe language for rules such as ``age >= 18 and sex in ('f', 'm')``. Nothing is ever evaluated as code.

Grammar: names of variables, numbers, texts, ``true``/``false``; comparisons ``== != < <= > >=``, ``in`` and
``not in`` a list; ``and``, ``or``, ``not``, brackets; ``missing(name)``. A comparison with a missing value is
unknown, as in a database: neither true nor false.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

_COMPARE: dict[type[ast.cmpop], Callable[[pl.Expr, Any], pl.Expr]] = {
    ast.Eq: lambda left, right: left == right,
    ast.NotEq: lambda left, right: left != right,
    ast.Lt: lambda left, right: left < right,
    ast.LtE: lambda left, right: left <= right,
    ast.Gt: lambda left, right: left > right,
    ast.GtE: lambda left, right: left >= right,
}
LONGEST = 2000


class RuleFault(ValueError):  # noqa: N818
    """A rule that cannot be read; the caller knows the file and line and re-raises it as its own error."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that was read: its text and the variables it names."""

    text: str
    names: tuple[str, ...]

    def expression(self, labels: dict[str, tuple[str, ...]] | None = None) -> pl.Expr:
        """As a Polars expression. ``labels`` turns texts into the codes of a category."""
        return _Builder(labels or {}).build(_parse(self.text))


def read_rule(text: str) -> Rule:
    """Read a rule. Raise :class:`RuleFault` in plain words when it is not one."""
    tree = _parse(text)
    names = sorted(
        {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id != "missing"}
    )
    _Builder({}).build(tree)
    if not names:
        raise RuleFault("the rule names no variable")
    return Rule(text, tuple(n for n in names if n not in ("true", "false")))


def _parse(text: str) -> ast.expr:
    if len(text) > LONGEST:
        raise RuleFault(f"the rule is longer than {LONGEST} characters")
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise RuleFault("the rule cannot be read; it should look like: age >= 18 and sex == 'f'") from None


@dataclass(frozen=True)
class _Builder:
    labels: dict[str, tuple[str, ...]]

    def build(self, node: ast.expr) -> pl.Expr:
        if isinstance(node, ast.BoolOp):
            return self._joined(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return ~self.build(node.operand)
        if isinstance(node, ast.Compare):
            return self._compared(node)
        if isinstance(node, ast.Call):
            return self._call(node)
        raise RuleFault("a rule is made of comparisons joined by and, or, not")

    def _joined(self, node: ast.BoolOp) -> pl.Expr:
        parts = [self.build(value) for value in node.values]
        whole = parts[0]
        for part in parts[1:]:
            whole = (whole & part) if isinstance(node.op, ast.And) else (whole | part)
        return whole

    def _compared(self, node: ast.Compare) -> pl.Expr:
        left, whole = node.left, None
        for operator, right in zip(node.ops, node.comparators, strict=True):
            part = self._pair(left, operator, right)
            whole = part if whole is None else whole & part
            left = right
        if whole is None:
            raise RuleFault("a comparison needs two sides")
        return whole

    def _pair(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> pl.Expr:
        if isinstance(operator, ast.In | ast.NotIn):
            if not isinstance(left, ast.Name) or not isinstance(right, ast.List | ast.Tuple):
                raise RuleFault("'in' needs a variable on its left and a list on its right")
            inside = pl.col(left.id).is_in([self._constant(item, left.id) for item in right.elts])
            inside = pl.when(pl.col(left.id).is_null()).then(None).otherwise(inside)
            return ~inside if isinstance(operator, ast.NotIn) else inside
        compare = _COMPARE.get(type(operator))
        if compare is None:
            raise RuleFault("only == != < <= > >= and in can compare")
        name = left.id if isinstance(left, ast.Name) else right.id if isinstance(right, ast.Name) else ""
        if not name:
            raise RuleFault("one side of a comparison must be a variable")
        return compare(self._side(left, name), self._side(right, name))

    def _side(self, node: ast.expr, name: str) -> pl.Expr:
        if isinstance(node, ast.Name) and node.id not in ("true", "false"):
            return pl.col(node.id)
        return pl.lit(self._constant(node, name))

    def _constant(self, node: ast.expr, name: str) -> float | str:
        if isinstance(node, ast.Name) and node.id in ("true", "false"):
            return 1.0 if node.id == "true" else 0.0
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self._constant(node.operand, name)
            if isinstance(inner, float):
                return -inner
        if isinstance(node, ast.Constant) and isinstance(node.value, bool | int | float):
            return _number(node.value)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            labels = self.labels.get(name)
            if labels is None:
                return node.value
            return float(labels.index(node.value)) if node.value in labels else -1.0
        raise RuleFault("a rule compares variables with numbers or texts")

    def _call(self, node: ast.Call) -> pl.Expr:
        named = isinstance(node.func, ast.Name) and node.func.id == "missing"
        if named and len(node.args) == 1 and not node.keywords and isinstance(node.args[0], ast.Name):
            return pl.col(node.args[0].id).is_null()
        raise RuleFault("the only function is missing(variable)")


def _number(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        raise RuleFault("a number in the rule is too large") from None
