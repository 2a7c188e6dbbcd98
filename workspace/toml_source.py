"""TOML that remembers its line numbers, and a strict reader that gathers every fault in it."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workspace.errors import Fault, LifecourseError, did_you_mean
from workspace.files import reaching

Path_ = tuple[str | int, ...]
_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(
    r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)
_PART = re.compile(r"""\s*("[^"]*"|'[^']*'|[^."'\s]+)\s*""")
LARGEST = 1e300
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f]")
_AT_LINE = re.compile(r"at line (\d+)")


@dataclass(frozen=True, slots=True)
class TomlSource:
    """One TOML file: its name for messages, its values, and the line each of them stands on."""

    name: str
    data: Mapping[str, Any]
    lines: Mapping[Path_, int]

    def line(self, path: Path_) -> int:
        """Line of the key, or of the nearest table around it; 1 when nothing is known."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return 1

    def where(self, path: Path_ = ()) -> str:
        """``file:line`` of a key, as editors and terminals make it clickable."""
        return f"{self.name}:{self.line(path)}"


def read_toml(path: Path, error: type[LifecourseError], *, name: str | None = None) -> TomlSource:
    """Read a TOML file. Raise ``error`` with LC103, LC107 or LC108 when it cannot be read."""
    shown = name or path.name
    with reaching("the file", "read", shown, "Check the path.", error):
        raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise error("LC108", "the file is not text in UTF-8", "Save it as UTF-8.", where=shown) from None
    return parse_toml(text, shown, error)


def parse_toml(text: str, name: str, error: type[LifecourseError]) -> TomlSource:
    """Parse TOML text; a syntax error becomes ``error`` with its line."""
    text = text.replace("\r\n", "\n")
    try:
        data = tomllib.loads(text)
    except RecursionError:
        raise error("LC103", "not valid TOML: brackets are nested too deeply", where=name) from None
    except tomllib.TOMLDecodeError as problem:
        message = str(problem)
        at = _AT_LINE.search(message)
        line = int(at.group(1)) if at else text.count("\n") + 1
        what = message.split(" (at ")[0]
        raise error(
            "LC103",
            f"not valid TOML: {what[:1].lower()}{what[1:]}",
            "Text needs quotation marks, dates are written 2026-03-31.",
            where=f"{name}:{line}",
        ) from None
    except ValueError:
        raise error("LC103", "not valid TOML: a number in it is too long", where=name) from None
    return TomlSource(name, data, _line_index(text))


def _split(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def _line_index(text: str) -> dict[Path_, int]:
    """Map each key and table of valid TOML to its line. Multi-line values are stepped over."""
    index: dict[Path_, int] = {}
    counts: dict[Path_, int] = {}
    table: Path_ = ()
    open_value = _OpenValue()
    for number, line in enumerate(text.split("\n"), start=1):
        if open_value.swallows(line):
            continue
        header = _HEADER.match(line)
        if header:
            table = _enter(_split(header.group(2)), header.group(1) == "[[", counts)
            if isinstance(table[-1], int):
                index.setdefault(table[:-1], number)  # the array as a whole: where its first table stands
            index.setdefault(table, number)
            continue
        key = _KEY.match(line)
        if key:
            index.setdefault((*table, *_split(key.group(1))), number)
            open_value.begin(line[key.end() :])
    return index


def _enter(names: tuple[str, ...], is_array: bool, counts: dict[Path_, int]) -> Path_:
    """Turn a header into a path, adding the running number of each array of tables on the way."""
    path: Path_ = ()
    for position, name in enumerate(names):
        path = (*path, name)
        last = position == len(names) - 1
        if last and is_array:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


@dataclass
class _OpenValue:
    """Follows a value over several lines: a triple-quoted text or an unclosed bracket."""

    quote: str = ""
    depth: int = 0

    def begin(self, rest: str) -> None:
        self.quote, self.depth = "", 0
        self._scan(rest)

    def swallows(self, line: str) -> bool:
        if not self.quote and self.depth <= 0:
            return False
        self._scan(line)
        return True

    def _scan(self, text: str) -> None:
        position = 0
        while position < len(text):
            if self.quote:
                end = text.find(self.quote, position)
                if end < 0:
                    return
                position = end + len(self.quote)
                self.quote = ""
                continue
            position = self._step(text, position)

    def _step(self, text: str, position: int) -> int:
        three, one = text[position : position + 3], text[position]
        if three in ('"""', "'''"):
            self.quote = three
            return position + 3
        if one == "#":
            return len(text)
        if one in "\"'":
            closing = re.compile(r'(?:[^"\\]|\\.)*"' if one == '"' else r"[^']*'").match(text, position + 1)
            return closing.end() if closing else len(text)
        self.depth += (one in "[{") - (one in "]}")
        return position + 1


@dataclass(frozen=True, slots=True)
class KeyCodes:
    """The error codes one kind of file uses for its keys."""

    unknown: str
    missing: str
    wrong: str


@dataclass
class Section:
    """One table being read strictly: every ask is remembered, every fault is gathered.

    Ask for each known key, then call :meth:`finish`, which reports the unknown ones. Nothing is raised
    here; the caller raises once, with all of ``faults``.
    """

    source: TomlSource
    path: Path_
    values: Mapping[str, Any]
    faults: list[Fault]
    codes: KeyCodes
    asked: set[str] = field(default_factory=set)

    @property
    def title(self) -> str:
        """The table's name as it stands in the file."""
        names = [str(part) for part in self.path if isinstance(part, str)]
        bracket = ("[[", "]]") if self.path and isinstance(self.path[-1], int) else ("[", "]")
        return f"{bracket[0]}{'.'.join(names)}{bracket[1]}" if names else "the top of the file"

    def where(self, key: str = "") -> str:
        """``file:line`` of a key of this table, or of the table."""
        return self.source.where((*self.path, key) if key else self.path)

    def fault(self, code: str, key: str, problem: str, hint: str = "") -> None:
        """Note a fault at a key."""
        self.faults.append(Fault(code, self.where(key), problem, hint))

    def has(self, key: str) -> bool:
        """Is the key there? Counts as asking for it."""
        self.asked.add(key)
        return key in self.values

    def _get(self, key: str, required: bool) -> Any:
        self.asked.add(key)
        if key in self.values:
            return self.values[key]
        if required:
            self.fault(self.codes.missing, "", f"{self.title} has no '{key}'", f"Add {key} = … to it.")
        return None

    def _wrong(self, key: str, expected: str) -> None:
        self.fault(self.codes.wrong, key, f"'{key}' must be {expected}", f"Correct {key} in {self.title}.")

    def text(
        self, key: str, default: str = "", *, required: bool = False, one_of: Sequence[str] | None = None
    ) -> str:
        """A text, if asked for one of a fixed list."""
        value = self._get(key, required)
        if value is None:
            return default
        if not isinstance(value, str) or (required and not value.strip()):
            self._wrong(key, "a text in quotation marks")
            return default
        if one_of is not None and value not in one_of:
            near = did_you_mean(value, one_of)
            self.fault(
                self.codes.wrong, key, f"'{key}' is '{value}', which is not one of {', '.join(one_of)}.{near}"
            )
            return default
        return value

    def number(
        self,
        key: str,
        default: float | None = None,
        *,
        required: bool = False,
        above: float | None = None,
        low: float | None = None,
        high: float | None = None,
    ) -> float | None:
        """A finite number within its bounds (``above`` excludes the bound itself)."""
        value = self._get(key, required)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
            self._wrong(key, "a number")
            return default
        bounds = (("above", above), ("at least", low), ("at most", high))
        bad = (
            (above is not None and value <= above)
            or (low is not None and value < low)
            or (high is not None and value > high)
        )
        if bad:
            said = " and ".join(f"{word} {bound:g}" for word, bound in bounds if bound is not None)
            self._wrong(key, f"a number {said}; it is {value:g}")
            return default
        return float(value)

    def integer(
        self, key: str, default: int | None = None, *, required: bool = False, low: int | None = None
    ) -> int | None:
        """A whole number."""
        value = self._get(key, required)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or (low is not None and value < low):
            self._wrong(key, "a whole number" + (f" of at least {low}" if low is not None else ""))
            return default
        return value

    def boolean(self, key: str, default: bool = False) -> bool:
        """True or false."""
        value = self._get(key, required=False)
        if value is None:
            return default
        if not isinstance(value, bool):
            self._wrong(key, "true or false")
            return default
        return value

    def date(self, key: str, *, required: bool = False) -> dt.date | None:
        """A date written 2026-03-31, without quotation marks."""
        value = self._get(key, required)
        if value is None:
            return None
        if isinstance(value, dt.datetime) or not isinstance(value, dt.date):
            self._wrong(key, "a date written 2026-03-31, without quotation marks")
            return None
        return value

    def texts(self, key: str, default: Iterable[str] = (), *, required: bool = False) -> tuple[str, ...]:
        """A list of texts; a single text counts as a list of one."""
        value = self._get(key, required)
        if value is None:
            return tuple(default)
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            self._wrong(key, 'a list of texts, like ["a", "b"]')
            return tuple(default)
        return tuple(items)

    def mapping(self, key: str) -> dict[str, Any]:
        """A table of free keys, such as a recoding; its own contents are the caller's to check."""
        value = self._get(key, required=False)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self._wrong(key, "a table, like { a = 1, b = 0 }")
            return {}
        return dict(value)

    def table(self, key: str, *, required: bool = False) -> Section | None:
        """A sub-table to read in its own right."""
        value = self._get(key, required)
        if value is None:
            return None
        if not isinstance(value, dict):
            self._wrong(key, "a table, written [" + ".".join([*map(str, self.path), key]) + "]")
            return None
        return Section(self.source, (*self.path, key), value, self.faults, self.codes)

    def tables(self, key: str) -> list[Section]:
        """An array of tables, written ``[[key]]``."""
        value = self._get(key, required=False)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self._wrong(key, f"written as tables, each headed [[{key}]]")
            return []
        return [
            Section(self.source, (*self.path, key, number), item, self.faults, self.codes)
            for number, item in enumerate(value)
        ]

    def finish(self) -> None:
        """Report keys nobody asked for."""
        for key in self.values:
            if key not in self.asked:
                near = did_you_mean(key, self.asked)
                self.fault(
                    self.codes.unknown,
                    key,
                    f"{self.title} has an unknown key '{key}'.{near}",
                    "Correct the spelling or remove the line.",
                )


def top(source: TomlSource, faults: list[Fault], codes: KeyCodes) -> Section:
    """Start reading a file at its top."""
    return Section(source, (), source.data, faults, codes)


def toml_text(value: str) -> str:
    """Write a text as a TOML basic string."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return '"' + _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04X}", escaped) + '"'
