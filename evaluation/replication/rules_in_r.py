"""A plan's rule about whom it takes (``where``) as an R condition on the data frame ``people`` (pure)."""

from __future__ import annotations

import ast

from cohorts.expressions import read_rule
from evaluation.replication.quoting import r_literal

_SIGNS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip


def rule_in_r(text: str) -> str:
    """The rule in R. A value that is missing makes a comparison unknown in both languages.

    The rule is checked by :func:`cohorts.expressions.read_rule` first, so that only its small language comes here:
    comparisons of variables with numbers and texts, lists, ``missing()``, and, or, not.
    """
    read_rule(text)
    return _built(ast.parse(text.strip(), mode="eval").body)


def _built(node: ast.expr) -> str:
    if isinstance(node, ast.BoolOp):
        sign = " & " if isinstance(node.op, ast.And) else " | "
        return "(" + sign.join(_built(value) for value in node.values) + ")"
    if isinstance(node, ast.UnaryOp):
        return f"(!{_built(node.operand)})"
    if isinstance(node, ast.Call):
        return f"is.na({_side(node.args[0])})"
    assert isinstance(node, ast.Compare)
    parts, left = [], node.left
    for operator, right in zip(node.ops, node.comparators, strict=True):
        parts.append(_pair(left, operator, right))
        left = right
    return parts[0] if len(parts) == 1 else "(" + " & ".join(parts) + ")"


def _pair(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> str:
    if isinstance(operator, ast.In | ast.NotIn):
        assert isinstance(right, ast.List | ast.Tuple)
        inside = f"{_side(left)} %in% c({', '.join(_side(item) for item in right.elts)})"
        found = f"ifelse(is.na({_side(left)}), NA, {inside})"
        return f"(!{found})" if isinstance(operator, ast.NotIn) else found
    return f"({_side(left)} {_SIGNS[type(operator)]} {_side(right)})"


def _side(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        if node.id in ("true", "false"):
            return "1" if node.id == "true" else "0"
        return f"people[[{r_literal(node.id)}]]"
    if isinstance(node, ast.UnaryOp):
        return f"-{_side(node.operand)}"
    assert isinstance(node, ast.Constant)
    value = node.value
    return r_literal(float(value) if isinstance(value, bool) else value)
