"""What reads a check by its name reads one that is made: a name nobody makes would never be found, in silence."""

from __future__ import annotations

import ast
from pathlib import Path

import evaluation.why
from evaluation.ladders import COMPARABLE, DRAWN, EQUAL, JUMPS, LOST, SEEN
from evaluation.panels.grounds import GROUNDS
from evaluation.protection import LINKAGE, PEOPLE_READINGS, SHARE_READINGS, TAKE_UP
from evaluation.reporting.rests_on import UNDOING

FLOOR = Path(evaluation.why.__file__).parent


def texts(node: ast.expr) -> set[str]:
    """The texts an expression can be: itself, or both ways of a choice."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    return texts(node.body) | texts(node.orelse) if isinstance(node, ast.IfExp) else set()


def made() -> set[str]:
    """The names of all checks the program makes, those behind a name of the file, or a constant of any, among them."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in FLOOR.rglob("*.py")]
    given = [[(ast.unparse(node.targets[0]), node.value) for node in ast.walk(tree) if isinstance(node, ast.Assign)]
             for tree in trees]  # fmt: skip
    constants = [(name, value) for pairs in given for name, value in pairs if name.isupper()]
    found: set[str] = set()
    for tree, own in zip(trees, given, strict=True):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Check" and node.args:
                first = ast.unparse(node.args[0])
                values = [value for name, value in (*own, *constants) if name == first]
                found |= texts(node.args[0]).union(*(texts(value) for value in values))
    return found


def read_by_why() -> set[str]:
    """The checks that reasons are told from: keys of the table whose values are codes W0 to W8."""
    tables = [node for node in ast.walk(ast.parse(Path(evaluation.why.__file__).read_text(encoding="utf-8")))
              if isinstance(node, ast.Dict)]  # fmt: skip
    pairs = [(key, value) for table in tables for key, value in zip(table.keys, table.values, strict=True)]
    return {
        str(key.value)
        for key, value in pairs
        if isinstance(key, ast.Constant) and isinstance(value, ast.Constant)
        if str(value.value).startswith("W")
    }


def test_every_check_that_ladders_grounds_and_reasons_read_is_made_somewhere() -> None:
    by_grounds = {name for grounds in GROUNDS.values() for ground in grounds for name in ground.spoken_of_by}
    by_ladders = {*COMPARABLE, DRAWN, EQUAL, *JUMPS, *LOST, *SEEN}
    by_rules = {*SHARE_READINGS, *PEOPLE_READINGS, LINKAGE, TAKE_UP, *UNDOING}
    known = made()
    assert len(known) > 100
    assert len(read_by_why()) >= 10
    assert (by_grounds | by_ladders | by_rules | read_by_why()) - known == set()
