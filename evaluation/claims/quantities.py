"""Numbers in a text: ranges, single changes, percentages, and whether a saved result says the same (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from evaluation.claims.model import Hit, Sentence, Subject
from evaluation.claims.sentences import is_claimed
from evaluation.claims.words_of_change import FELL, ROSE
from evaluation.model import RATIOS

Scale = Literal["per 100", "percent", "times", "unit"]
DIGITS = 3  # as many as the program's own reports give a large number
HALF_A_DIGIT = 0.51  # of the last digit printed: what rounding may move a number, and a hair
_N = r"£?(?P<{}>[-−]?\d[\d,]*(?:\.\d+)?)\s?(?P<{}u>%|percentage[- ]points?|per cent|percent|pp|p\.p\.)?"
_LESS, _MORE = r"(?:fewer|lower|less|down)", r"(?:more|higher|up)"
_TWO_WAYS = re.compile(
    rf"(?:between\s)?{_N.format('a', 'a')}(?:\s[a-z-]+){{0,4}}?\s{_LESS}\s(?:and|to)\s"
    rf"{_N.format('b', 'b')}(?:\s[a-z-]+){{0,4}}?\s"
    rf"{_MORE}(?P<tail>[^.;:]{{0,40}})",
    re.IGNORECASE,
)
_RANGE = re.compile(
    rf"(?:between\s{_N.format('a', 'a')}\sand\s|(?<!from )\b{_N.format('c', 'c')}\s?(?:to|–|-)\s?){_N.format('b', 'b')}"
    rf"(?P<tail>[^.;:]{{0,60}})",
    re.IGNORECASE,
)
_SOME_RANGE = re.compile(
    r"\bbetween\b[^.]{0,40}\d[^.]{0,60}\band\b[^.]{0,12}\d|\b(CI|confidence|credible|compatibility|interval|range)\b[^.]{0,25}\d|"
    r"\d[^.]{0,25}\b(interval|CI)\b|(?<!from )\b\d[\d,.]*\s?%?\s?(to|–)\s?\d",
    re.IGNORECASE,
)
_MUCH = r"(?:more than |over |about |around |nearly |almost |some |up to |at least |as much as )?"
_SINGLE = (
    re.compile(rf"\bby {_MUCH}{_N.format('a', 'a')}(?P<tail>[^.;:]{{0,40}})", re.IGNORECASE),
    re.compile(
        rf"{_N.format('a', 'a')}\s(?:\w+\s)?(?:reductions?|fall|drop|decrease|decline|cut|increase|rise|"
        rf"improvement|fewer|"
        rf"less|lower|higher|more)\b(?P<tail>[^.;:]{{0,40}})",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?:{FELL}|{ROSE}|went up|went down)\s{_MUCH}{_N.format('a', 'a')}(?P<tail>[^.;:]{{0,40}})",
        re.IGNORECASE,
    ),
)
_EVERY = re.compile(r"\b(in|per|for|of|out of) (every )?(100|hundred)\b", re.IGNORECASE)
_PER = re.compile(
    r"\b(in|per|for|of|out of) (every )?(100|1,?000|10,?000|100,?000|hundred|thousand|million)\b",
    re.IGNORECASE,
)
_TIMES = re.compile(r"^\s?times\b", re.IGNORECASE)
_BASE = re.compile(r"\b(from|of|out of|against|were) (about |some )?\d|\(\d[\d,.]* to \d", re.IGNORECASE)
_LEVELS = re.compile(
    r"\bfrom (\d+(?:\.\d+)?)\s?(?:%|per cent) to (?:about )?(\d+(?:\.\d+)?)\s?(?:%|per cent)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Said:
    """A range or a single change as written: ends, how finely each was printed, on which scale."""

    phrase: str
    ends: tuple[float, ...]
    steps: tuple[float, ...]
    scale: Scale
    start: int
    signed: bool


def _coarse(*texts: str) -> float:
    """The size of the last digit that counts where numbers were cut to three digits: 10 for 550 to 3,040."""
    bare = [text.replace(",", "").lstrip("-−") for text in texts]
    if any("." in text for text in bare):
        return 0.0
    noughts = min(len(text) - len(text.rstrip("0")) for text in bare)
    return float(10 ** min(noughts, max(0, max(map(len, bare)) - DIGITS)))


def _number(text: str) -> tuple[float, float]:
    """A number, and the size of its last digit."""
    bare = text.replace(",", "").replace("−", "-")
    decimals = len(bare.split(".")[1]) if "." in bare else 0
    return float(bare), 10.0**-decimals


def _scale(unit: str | None, tail: str) -> Scale:
    unit = (unit or "").lower()
    points = "point" in unit or unit in ("pp", "p.p.")
    if unit and not points:
        return "percent"
    if points or _EVERY.search(tail):
        return "per 100"
    return "times" if _TIMES.match(tail) else "unit"


def ranges_of(text: str) -> Iterator[Said]:
    """The ranges of a sentence."""
    spans: list[tuple[int, int]] = []
    for found in _TWO_WAYS.finditer(text):
        (a, fine_a), (b, fine_b) = _number(found["a"]), _number(found["b"])
        spans.append(found.span())
        scale = _scale(found["bu"] or found["au"], found["tail"])
        yield Said(
            found[0].removesuffix(found["tail"]), (-a, b), (fine_a, fine_b), scale, found.start(), True
        )
    for found in _RANGE.finditer(text):
        if not any(start <= found.start() < end for start, end in spans):
            yield _one_way(found, text[: found.start()])


def _one_way(found: re.Match[str], before: str) -> Said:
    """A range whose ends have one direction, told behind it ("fewer") or before it ("fell by"), or none."""
    first = found["a"] or found["c"]
    (a, fine_a), (b, fine_b) = _number(first), _number(found["b"])
    coarse = _coarse(first, found["b"])
    fine_a, fine_b = max(fine_a, coarse), max(fine_b, coarse)
    tail = found["tail"]
    scale = _scale(found["bu"] or found["au"] or found["cu"], tail)
    phrase = found[0].removesuffix(tail)
    if scale == "times":
        return Said(phrase, (a, b), (fine_a, fine_b), scale, found.start(), True)
    less, more = (re.search(rf"\b{way}\b", tail, re.IGNORECASE) is not None for way in (_LESS, _MORE))
    if less == more:
        less = re.search(rf"\b{FELL}\b", before, re.IGNORECASE) is not None
        more = re.search(rf"\b{ROSE}\b", before, re.IGNORECASE) is not None
    if less and not more:
        return Said(phrase, (-b, -a), (fine_b, fine_a), scale, found.start(), True)
    return Said(phrase, (a, b), (fine_a, fine_b), scale, found.start(), more and not less)


def has_range(text: str) -> bool:
    """Say whether a text gives both ends of anything."""
    return _SOME_RANGE.search(text) is not None or next(ranges_of(text), None) is not None


def changes_of(text: str, unit: str = "") -> Iterator[Said]:
    """Single numbers of change: by 36 %, 5 fewer in every 100; and in ``unit``, where a result has one."""
    spans = [(said.start, said.start + len(said.phrase)) for said in ranges_of(text)]
    seen: set[int] = set()
    for pattern in _SINGLE:
        for found in pattern.finditer(text):
            at = found.start("a")
            scale = _scale(found["au"], found["tail"])
            if at in seen or any(start <= at < end for start, end in spans):
                continue
            if scale == "unit" and not _PER.search(found["tail"]) and not _in_unit(found["tail"], unit):
                continue
            seen.add(at)
            value, fine = _number(found["a"])
            yield Said(found[0].removesuffix(found["tail"]), (value,), (fine,), scale, at, False)


def _in_unit(tail: str, unit: str) -> bool:
    """Say whether a number is followed by the unit of a measure, in the singular or plural."""
    return bool(unit) and tail.lstrip().lower().startswith(unit.lower().removesuffix("s"))


def doubtful_numbers(sentence: Sentence, rest: str, named: Sequence[Subject]) -> Iterator[Hit]:
    """Numbers without a range, per cent of nothing, per cent in place of points. ``rest``: what follows it."""
    text = sentence.open
    unit = next((subject.unit for subject in named if subject.unit), "")
    single = next(iter(changes_of(text, unit)), None)
    if (
        single is not None
        and not has_range(text)
        and not has_range(rest)
        and is_claimed(sentence, single.start)
    ):
        yield Hit("no-range", single.phrase, severity="error" if named else None)
    points = _in_place_of_points(text)
    if points:
        yield Hit("percentage-points", points)
        return
    relative = next((s for s in (*ranges_of(text), *changes_of(text)) if s.scale == "percent"), None)
    if (
        relative is None
        or _BASE.search(text)
        or not re.search(rf"\b({FELL}|{ROSE}|reduction)\b", text, re.IGNORECASE)
    ):
        return
    if is_claimed(sentence, relative.start) and "interval" not in text[relative.start : relative.start + 30]:
        yield Hit("relative-change", relative.phrase)


def _in_place_of_points(text: str) -> str:
    """A change written in per cent that is the difference of two percentages."""
    levels = _LEVELS.search(text)
    if not levels:
        return ""
    before, after = float(levels[1]), float(levels[2])
    for said in changes_of(text):
        by = abs(said.ends[0])
        near = abs(by - abs(after - before)) <= HALF_A_DIGIT * said.steps[0]
        share = 100 * abs(after - before) / before if before else 0.0
        if said.scale == "percent" and near and abs(share - by) > HALF_A_DIGIT * said.steps[0]:
            return said.phrase
    return ""


def speaks_in_unit(sentence: Sentence, subject: Subject) -> bool:
    """Say whether a number of change in the sentence is in the unit of an outcome."""
    return any(said.scale == "unit" for said in changes_of(sentence.open, subject.unit) if subject.unit)


def can_compare(sentence: Sentence, subject: Subject) -> bool:
    """Say whether a number of the sentence is on a scale on which the result has one."""
    if subject.low is None or subject.high is None or subject.value is None:
        return False
    said = (*ranges_of(sentence.open), *changes_of(sentence.open, subject.unit))
    return any(_known(subject, number.scale) for number in said)


def disagreements(sentence: Sentence, subject: Subject) -> Iterator[Hit]:
    """Ranges and changes that the saved result does not have."""
    for said in ranges_of(sentence.open):
        known = _known(subject, said.scale)
        if not known or any(said.phrase in line for line in subject.said):
            continue
        if not any(_same(said, (low, high)) for low, _, high in known):
            yield Hit("disagrees", said.phrase, instead=f"The result says: {_told(known[0], said.scale)}.")
            return
    for said in changes_of(sentence.open, subject.unit):
        known = _known(subject, said.scale)
        points = [abs(end) for triple in known for end in triple]
        if points and not any(abs(abs(said.ends[0]) - p) <= HALF_A_DIGIT * said.steps[0] for p in points):
            yield Hit("disagrees", said.phrase, instead=f"The result says: {_told(known[0], said.scale)}.")
            return


def _same(said: Said, ends: tuple[float, float]) -> bool:
    if not said.signed:
        sizes = sorted(abs(end) for end in ends)
        written = sorted(abs(end) for end in said.ends)
        return all(abs(a - b) <= HALF_A_DIGIT * max(said.steps) for a, b in zip(written, sizes, strict=True))
    return all(abs(a - b) <= HALF_A_DIGIT * s for a, b, s in zip(said.ends, ends, said.steps, strict=True))


def _known(subject: Subject, scale: Scale) -> list[tuple[float, float, float]]:
    """Low, estimate and high of a result on a scale, in every way it may rightly be put; none where it cannot be."""
    triple = (subject.low or 0.0, subject.value or 0.0, subject.high or 0.0)
    base = subject.comparison_mean
    if subject.effect in RATIOS:
        found = {"times": [triple], "percent": [_each(triple, lambda x: 100 * (x - 1))]}
        if scale == "per 100" and base and subject.effect in ("risk-ratio", "rate-ratio"):
            return [_each(triple, lambda x: 100 * base * (x - 1))]
        return found.get(scale, [])
    if subject.effect == "risk-difference":
        hundred = _each(triple, lambda x: 100 * x)
        if scale == "percent":
            return [hundred, *([_each(triple, lambda x: 100 * x / base)] if base else [])]
        return [hundred] if scale == "per 100" else []
    if scale == "percent":
        return [_each(triple, lambda x: 100 * x / base)] if base else []
    return [triple] if scale == "unit" else []


def _each(triple: tuple[float, float, float], change: Callable[[float], float]) -> tuple[float, float, float]:
    low, value, high = triple
    return change(low), change(value), change(high)


def _told(triple: tuple[float, float, float], scale: Scale) -> str:
    low, _, high = triple
    tail = {"per 100": " in every 100", "percent": " %", "times": " times", "unit": ""}[scale]
    ends = [f"{end:,.0f}" if abs(end) >= 100 else f"{end:.3g}" for end in (low, high)]
    return f"from {ends[0]} to {ends[1]}{tail}".replace("-", "−")
