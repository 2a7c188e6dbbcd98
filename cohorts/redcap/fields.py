"""What becomes of one field of a REDCap project: variables, an identifier, or nothing and why (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cohorts.partner_files.mapping import plain_code
from cohorts.partner_files.starter import identifier_kind
from cohorts.redcap.branching import asked, checkbox_column
from cohorts.redcap.dictionary import Choice, Field
from cohorts.redcap.missing import reason_of
from workspace.toml_source import toml_text

IDENTIFYING = "flagged as identifying, or shaped like it: never read"
OTHERS = "an identifier of somebody else, or a second one of its kind"
FREE_TEXT = "free text can name people"
_FILES = "files, signatures and look-ups are not read"
_COMMA = "numbers with a decimal comma are not read: give the field another validation"
_TIME = "times of day are not read"
_BIRTHS = "a birth date without an index date to count from"
BIRTH = re.compile(r"birth|\bdob\b|_dob|dob_", re.IGNORECASE)
_SOMEBODY_ELSE = re.compile(r"mother|father|parent|carer|sibling|partner|mum|dad|guardian|child_of|gp_")
_PERSONAL = re.compile(r"email|phone|zip|postal|postcode|ssn|mrn|alpha_only")
_NUMERIC = re.compile(r"integer|number(_\ddp)?")
_PLAIN = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Kept:
    """A variable as it will stand in the mapping: its column and the lines below it."""

    column: str
    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passed:
    """A field that is not mapped, and why."""

    reason: str


def identifier_of(item: Field) -> str:
    """The kind of national identifier a text field holds, by its name or its validation; never somebody else's."""
    if item.type != "text" or _SOMEBODY_ELSE.search(item.name):
        return ""
    return identifier_kind(item.name) or identifier_kind(item.validation)


def is_date(item: Field) -> bool:
    """Say whether it holds dates, which a raw export writes as 2024-03-01 whatever the form shows."""
    return item.type == "text" and item.validation.startswith(("date", "datetime"))


def kept_as(item: Field, age: str) -> tuple[Kept, ...] | Passed:
    """The variables of a field that is no identifier. ``age`` names the age at the index date, if there is one."""
    if item.identifies or identifier_of(item):
        return Passed(IDENTIFYING if item.identifies else OTHERS)
    if item.type == "checkbox":
        return tuple(_ticked(item, choice) for choice in item.choices)
    if item.type in ("radio", "dropdown"):
        return (Kept(item.name, item.name, (*_chosen(item.choices), *_said(item))),)
    if item.type in ("yesno", "truefalse"):
        return (Kept(item.name, item.name, ('kind = "binary"', *_said(item))),)
    if item.type in ("calc", "slider"):
        low, high = ("0", "100") if item.type == "slider" else ("", "")
        lines = ('kind = "number"', *_bounds(item.minimum or low, item.maximum or high), *_said(item))
        return (Kept(item.name, item.name, lines),)
    return _typed(item, age) if item.type == "text" else Passed(FREE_TEXT if item.type == "notes" else _FILES)


def _typed(item: Field, age: str) -> tuple[Kept, ...] | Passed:
    """A text box: kept when its validation says what it holds."""
    if _NUMERIC.fullmatch(item.validation):
        lines = ('kind = "number"', *_bounds(item.minimum, item.maximum), *_said(item))
        return (Kept(item.name, item.name, lines),)
    if is_date(item) and BIRTH.search(item.name):
        if not age:
            return Passed(_BIRTHS)
        return (Kept(item.name, age, ('kind = "age"    # the date is dropped', *_said(item))),)
    if is_date(item):
        return (Kept(item.name, item.name, ('kind = "date"', *_said(item))),)
    if "comma" in item.validation:
        return Passed(_COMMA)
    if item.validation.startswith("time"):
        return Passed(_TIME)
    return Passed(IDENTIFYING if _PERSONAL.search(item.validation) else FREE_TEXT)


def _bounds(low: str, high: str) -> tuple[str, ...]:
    pairs = (("minimum", low), ("maximum", high))
    return tuple(f"{key} = {float(text):g}" for key, text in pairs if _PLAIN.fullmatch(text))


def _said(item: Field) -> tuple[str, ...]:
    """The question, and when it was asked."""
    lines = [f"label = {toml_text(item.label)}"] if item.label else []
    if item.branching:
        known = asked(item.branching) is not None
        lines.append(
            f"asked_when = {toml_text(item.branching)}"
            if known
            else "# its branching logic looks beyond the row: a hidden field counts as not recorded"
        )
    return tuple(lines)


def _ticked(item: Field, choice: Choice) -> Kept:
    column = checkbox_column(item.name, choice.code)
    label = Field(
        item.name, item.form, item.type, f"{item.label}: {choice.label}".strip(": "), (), "", "", "", False,
        item.branching, "",
    )  # fmt: skip
    code = re.sub(r"[^a-z0-9]+", "_", choice.code.lower().replace("-", "minus_", choice.code.startswith("-")))
    return Kept(column, f"{item.name}_{code.strip('_')}", ('kind = "binary"', *_said(label)))


def _chosen(choices: tuple[Choice, ...]) -> tuple[str, ...]:
    """Options as categories under their labels; those that are no answer as missing; yes and no as binary."""
    reasons = {choice.code: reason_of(choice.label) for choice in choices}
    answers = [choice for choice in choices if not reasons[choice.code]]
    missing = [f"{toml_text(c)} = {toml_text(r)}" for c, r in reasons.items() if r]
    last = (f"missing = {{ {', '.join(missing)} }}",) if missing else ()
    words = {choice.label.lower(): choice.code for choice in answers}
    if set(words) == {"yes", "no"} and len(answers) == 2:
        changed = () if (words["yes"], words["no"]) == ("1", "0") else (_yes_no(words),)
        return ('kind = "binary"', *changed, *last)
    labels = _distinct(answers)
    if not labels:
        return ('kind = "category"', *last)
    recode = ", ".join(f"{toml_text(choice.code)} = {toml_text(label)}" for choice, label in labels)
    codes = ", ".join(toml_text(label) for _, label in labels)
    return ('kind = "category"', f"codes = [{codes}]", f"recode = {{ {recode} }}", *last)


def _yes_no(words: dict[str, str]) -> str:
    return f"recode = {{ {toml_text(words['yes'])} = 1, {toml_text(words['no'])} = 0 }}"


def _distinct(answers: list[Choice]) -> list[tuple[Choice, str]]:
    """Labels that stand twice get their code behind them."""
    said = [plain_code(choice.label) for choice in answers]
    return [
        (
            choice,
            choice.label if said.count(plain_code(choice.label)) == 1 else f"{choice.label} ({choice.code})",
        )
        for choice in answers
    ]
