"""definitions/NAME.toml to a definition (pure)."""

from __future__ import annotations

from theory_of_change.code_lists.model import Branch, CodeList, Correspondence
from theory_of_change.errors import THEORY_KEYS, TheoryError
from theory_of_change.measure_file import relocate
from workspace.errors import Fault
from workspace.toml_source import Section, TomlSource, top


def read_code_list(source: TomlSource) -> CodeList:
    """A definition from its file.

    Raises
    ------
    TheoryError
        Every fault at its line: ``LC201`` to ``LC203`` of keys, ``LC340`` of what the lists say.
    """
    faults: list[Fault] = []
    file = top(source, faults, THEORY_KEYS)
    head = file.table("definition", required=True)
    branches = [_branch(section) for section in file.tables("branch")]
    crosswalk = [_equivalent(section) for section in file.tables("equivalent")]
    outside = file.texts("outside")
    found = _made(head, tuple(branches), tuple(crosswalk), outside) if head else None
    file.finish()
    if faults or found is None:
        raise TheoryError.gather(faults)
    return found


def _branch(section: Section) -> Branch:
    name, categories = section.text("name", required=True), section.texts("categories", required=True)
    needs, not_with = section.texts("needs"), section.texts("not_with")
    section.finish()
    return Branch(name, categories, needs, not_with)


def _equivalent(section: Section) -> Correspondence:
    scheme, code = section.text("scheme", required=True), section.text("code", required=True)
    to, why = section.text("to"), section.text("why")
    if not to and not why:
        section.fault(
            "LC340", "to", f"'{code}' has neither an equivalent nor a reason why there is none", "Add why."
        )
    section.finish()
    return Correspondence(scheme, code, to, why)


def _made(
    head: Section,
    branches: tuple[Branch, ...],
    crosswalk: tuple[Correspondence, ...],
    outside: tuple[str, ...],
) -> CodeList | None:
    texts = {key: head.text(key, required=True) for key in ("id", "title", "version", "source")}
    verified, valid_from = head.boolean("verified"), head.date("valid_from")
    head.finish()
    if not all(texts.values()):
        return None
    try:
        return CodeList(
            **texts,
            verified=verified,
            branches=branches,
            outside=outside,
            crosswalk=crosswalk,
            valid_from=valid_from,
        )
    except TheoryError as error:
        relocate(head, error)
        return None
