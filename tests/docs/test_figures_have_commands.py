"""Part by part: what was measured stands beside a command that makes it, and the commands can be typed.

A part is what stands under a heading of the second level. Tables with measured columns, and the pages that a program
writes, are looked at in ``test_commands_named.py`` and beside their benches.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.docs.reader import ROOT
from tests.docs.test_commands_named import files_of, options_of

N = r"\d[\d,.]*"
MEASURED = {
    "time": rf"\bin some \w+ minutes\b|\b{N} (?:(?:processor|CPU) )?(?:seconds?|s|ms)\b(?! \()",
    "memory": rf"\b{N} (?:MB|GB|kB)\b",
    "ratio": rf"×\s?{N}|\b{N} times (?:faster|slower|as (?:fast|much|many)|the (?:time|memory))",
    "draws": rf"\b(?:in|of|over|with|by) {N} draws\b|{N} draws (?:each|a )|\({N} draws",
    "simulated": rf"\bsimulat(?:ed|ions?)\b[^.|]{{0,80}}{N}|{N}[^.|]{{0,80}}\bsimulat(?:ed|ions?)\b",
    "share": rf"\b{N} (?:to {N} )?of (?!5\b)(?:about )?{N}\b|\b(?:in|of) a hundred\b|\btimes? in (?:eight|ten|twenty)\b"
    rf"|\b(?:one \w+|nine) in ten\b|\bone (?:in|of) (?:five|ten)\b|\bone in twenty\b|\bin {N} to {N} %",
    "coverage": r"\bcovers? the truth\b|\bcoverage (?:is|was|of) \d|\bfalse alarms (?:in|of)\b",
    "agreement": r"\b(?:agrees?|equals?|differs?)\b[^.|]{0,90}(?:1e-\d+|(?:to|beyond) \w+ digits|last digit|\d\.\d+ %)",
    "attack": rf"\b{N} (?:attacked|withheld|hidden|broken) \w+|\bwas recovered\b",
}
PATTERNS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in MEASURED.items()}
COMMAND = re.compile(r"python -m (?:benchmarks|pytest|timeit)\b|\blifecourse attack\b")
# Pages that a program writes from kept counts: the command stands at their top, a test holds them against the counts.
MADE = (
    "calibration-results", "race-results", "attack-results", "attacked-tables", "verdict-simulations", "dependencies",
)  # fmt: skip
LINKED = re.compile(rf"\]\([^)\s]*(?:{'|'.join(MADE)})\.md")
WRITTEN = {f"docs/reference/{name}.md" for name in MADE} | {
    "docs/explanation/where-not-to-believe.md",
    "docs/reference/commands.md",
    "docs/reference/errors.md",
}
# Pages that say at their top how each row is made again: every row names its test, or what it is held against.
TOLD_AT_THE_TOP = {"docs/reference/methods-register.md", "docs/reference/rules-register.md"}
AGREES, CHECKED = "How far it agrees", "Where it was checked"  # the second, just before, names the tests
CALIBRATION = "docs/explanation/calibration.md"
# Parts whose figures nobody here measured, each with its reason.
NOT_MEASURED = {
    (CALIBRATION, ""): "what 95 % means",
    (CALIBRATION, "The worlds"): "how large the made-up worlds are",
    (CALIBRATION, "How to read the table"): "Monte-Carlo error, by the formula of a share",
    (
        "docs/explanation/power.md",
        "What is assumed, method by method",
    ): "how many series are drawn for a plan",
    ("docs/reference/verdict-table.md", ""): "a ratio turned into cases, worked out in the sentence",
}


def parts_of(text: str) -> dict[str, str]:
    """Each heading of the second level and all that stands under it, blocks included; "" is what stands above."""
    parts, heading, fenced = {"": ""}, "", False
    for line in text.splitlines():
        fenced ^= line.lstrip().startswith("```")
        if not fenced and line.startswith("## "):
            heading = line.removeprefix("## ").strip()
            parts[heading] = ""
        else:
            parts[heading] += f"{line}\n"
    return parts


def measured_in(body: str) -> list[str]:
    """What reads like a measured figure in the sentences and tables of a part; its blocks are left out."""
    prose = re.sub(r"^( *)```.*?^\1```$", "", body, flags=re.MULTILINE | re.DOTALL)
    prose = " ".join(re.sub(r"<!--.*?-->|`[^`]*`|\]\([^)]*\)", " ", prose).split())
    return [found[0] for pattern in PATTERNS.values() for found in pattern.finditer(prose)]


def printed_in(body: str) -> str:
    """The blocks that the tests of the pages run or hold against a run: their figures may be told again in words."""
    blocks = re.findall(r"^(.*)\n( *)```\w*\n(.*?)^\2```$", f"\n{body}", flags=re.MULTILINE | re.DOTALL)
    return "\n".join(text for above, _, text in blocks if "not run" not in above)


def is_printed(figure: str, printed: str) -> bool:
    """Say whether every number of a figure stands in what is printed."""
    numbers = re.findall(r"\d[\d,.]*\d|\d", figure)
    return bool(numbers) and all(re.search(rf"(?<![\d.,]){re.escape(n)}(?!\d)", printed) for n in numbers)


def anchor(heading: str) -> str:
    """A heading as links name it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


@cache
def named_parts(page: Path) -> frozenset[str]:
    """The anchors of a page's parts that name a command."""
    parts = parts_of(page.read_text(encoding="utf-8"))
    return frozenset(
        anchor(heading) for heading, body in parts.items() if COMMAND.search(" ".join(body.split()))
    )


def leads_on(body: str, page: Path) -> bool:
    """Say whether a link of a part leads to a part, of this page or another, that names a command."""
    for place, name in re.findall(r"\]\(([\w./-]+\.md)?#([\w-]+)\)", body):
        target = (page.parent / place).resolve() if place else page
        if target.is_file() and name in named_parts(target):
            return True
    return False


def without_command(text: str, page: Path) -> dict[str, list[str]]:
    """Parts with measured figures that name no command and lead to none, and those figures."""
    parts, found = parts_of(text), {}
    for heading, body in parts.items():
        beside = body + (parts.get(CHECKED, "") if heading == AGREES else "")
        if COMMAND.search(" ".join(beside.split())) or LINKED.search(beside) or leads_on(body, page):
            continue
        printed = printed_in(body)
        if figures := [figure for figure in measured_in(body) if not is_printed(figure, printed)]:
            found[heading] = figures
    return found


FRONT = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
PAGES = {page.relative_to(ROOT).as_posix(): page for page in (*FRONT, *sorted((ROOT / "docs").rglob("*.md")))}


@pytest.mark.parametrize("name", sorted(PAGES.keys() - WRITTEN - TOLD_AT_THE_TOP - {"CHANGELOG.md"}))
def test_every_part_with_measured_figures_names_what_makes_them(name: str) -> None:
    found = without_command(PAGES[name].read_text(encoding="utf-8"), PAGES[name])
    excused = {heading for page, heading in NOT_MEASURED if page == name}
    assert {heading: figures for heading, figures in found.items() if heading not in excused} == {}
    assert excused <= found.keys(), "an exception that nothing needs any more"


@pytest.mark.parametrize("name", sorted(WRITTEN - {f"docs/reference/{x}.md" for x in ("commands", "errors")}))
def test_a_page_made_of_counts_says_at_its_top_by_which_command(name: str) -> None:
    assert "python -m benchmarks." in " ".join(PAGES[name].read_text(encoding="utf-8").split())[:1200]


def test_the_registers_say_at_their_top_how_a_row_is_held() -> None:
    methods, rules = (PAGES[name].read_text(encoding="utf-8")[:1600] for name in sorted(TOLD_AT_THE_TOP))
    assert "`python -m pytest tests/`" in methods
    assert re.search(r"test compares|A test", rules)


@pytest.mark.parametrize(
    "sentence",
    [
        "Loading took 47 seconds.",
        "It needs 0.6 GB of memory.",
        "Ours is 24 times faster.",
        "It missed in 12 of 800 draws.",
        "The 95 % interval covers the truth.",
        "Intervals miss up to one time in eight.",
        "Estimates agree with R to 1e-9.",
        "Of 18,578 withheld counts none was recovered.",
        "In simulated trials 3 % were wrong.",
    ],
)
def test_a_measured_figure_without_a_command_is_found(sentence: str) -> None:
    page = ROOT / "docs/index.md"
    planted = (
        f"# A page\n\nWords.\n\n## Speed\n\n{sentence}\n\n## Elsewhere\n\n`python -m pytest tests/x.py`\n"
    )
    assert list(without_command(planted, page)) == ["Speed"]
    assert (
        without_command(planted.replace(sentence, f"{sentence} `python -m benchmarks.race run`"), page) == {}
    )
    assert (
        without_command(planted.replace(sentence, f"{sentence} [so](reference/race-results.md)"), page) == {}
    )


def test_what_a_block_prints_may_be_told_again_and_what_it_does_not_print_may_not() -> None:
    page, block = ROOT / "docs/index.md", "```console\n$ lifecourse status\n47 seconds\n```\n"
    assert without_command(f"{block}It took 47 seconds.\n", page) == {}
    assert without_command(f"<!-- not run -->\n{block}It took 47 seconds.\n", page) == {"": ["47 seconds"]}
    assert without_command(f"{block}It took 4 seconds.\n", page) == {"": ["4 seconds"]}
    away = "Up to one time in eight ([there](explanation/methods/interrupted-time-series.md#{}))."
    assert without_command(away.format("limits"), page) == {}
    assert without_command(away.format("sources"), page) != {}


def commands_in(text: str) -> Iterator[list[str]]:
    """Each ``python -m benchmarks…`` and ``python -m pytest …``, in a block or in a sentence, as words."""
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```$", text, flags=re.MULTILINE | re.DOTALL)
    sentences = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line.partition("  #")[0] for block in blocks for line in block.splitlines()]
    for line in (*lines, *re.findall(r"`([^`]+)`", sentences)):
        if found := re.search(r"\bpython -m ((?:benchmarks|pytest)\b.*)", " ".join(line.split())):
            yield found[1].split()


@cache
def verbs_of(module: str) -> frozenset[str] | None:
    """What a bench's first word may be; ``None`` where it may be anything, or nothing is asked."""
    calls = (
        node
        for file in files_of(module)[:1]
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    )
    for node in calls:
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "add_argument"
        ):
            chosen = [word.value for word in node.keywords if word.arg == "choices"]
            first = node.args[0]
            if isinstance(first, ast.Constant) and not str(first.value).startswith("-"):
                return frozenset(ast.literal_eval(chosen[0])) if chosen else None
    return None


def wrong_with(words: list[str]) -> str:
    """What keeps a command from being typed as it stands; nothing where it can be."""
    program, asked = words[0], words[1:]
    if program == "pytest":
        return _wrong_with_test(asked)
    module = program if len(program.split(".")) == 1 else program.rstrip(".")
    if module == "benchmarks" or module.endswith(".SCRIPT"):
        return "" if module != "benchmarks" else "no module"
    if not files_of(module):
        return f"no module {module}"
    unknown = {word.split("=")[0] for word in asked if word.startswith("--")} - options_of(module)
    verbs = verbs_of(module)
    if unknown:
        return f"{module} does not know {sorted(unknown)}"
    first = next(iter(asked), "")
    if verbs and first.isalpha() and first not in verbs:
        return f"{module} has no {first}"
    return ""


def _wrong_with_test(words: list[str]) -> str:
    """The same of a command for tests: files, names after ``::`` and ``-k``, options."""
    waiting = iter(words)
    texts: list[str] = []
    for word in waiting:
        if word in ("-n", "-m"):
            next(waiting, "")
        elif word == "-k":
            wanted = set(re.findall(r"\w+", next(waiting, ""))) - {"not", "and", "or"}
            if missing := {one for one in wanted if not any(one in text for text in texts)}:
                return f"no test is called {sorted(missing)}"
        elif word.startswith("-"):
            if word not in ("-q", "-x", "-v"):
                return f"pytest is not asked {word} here"
        else:
            path, _, name = word.partition("::")
            if not (ROOT / path).exists():
                return f"no {path}"
            file = ROOT / path
            texts += [file.read_text(encoding="utf-8")] if file.is_file() else []
            if name and f"def {name}(" not in texts[-1]:
                return f"no {name} in {path}"
    return ""


@pytest.mark.parametrize("name", sorted(PAGES))
def test_every_bench_and_test_that_a_page_tells_to_run_can_be_typed(name: str) -> None:
    commands = list(commands_in(PAGES[name].read_text(encoding="utf-8")))
    assert {" ".join(words): why for words in commands if (why := wrong_with(words))} == {}


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("benchmarks.wishes run", "no module benchmarks.wishes"),
        ("benchmarks.race dance", "benchmarks.race has no dance"),
        ("benchmarks.race run --wishes 3", "benchmarks.race does not know ['--wishes']"),
        ("pytest tests/test_wishes.py", "no tests/test_wishes.py"),
        ("pytest -n 0 tests/test_docs.py -k wishes", "no test is called ['wishes']"),
        ("pytest tests/test_docs.py::test_wishes", "no test_wishes in tests/test_docs.py"),
        ("pytest --wish tests", "pytest is not asked --wish here"),
    ],
)
def test_a_command_that_cannot_be_typed_is_found(command: str, why: str) -> None:
    in_words, in_a_block = f"Run `python -m\n{command}`.", f"```sh\npython -m {command}  # so\n```"
    assert [wrong_with(words) for words in commands_in(in_words)] == [why]
    assert [wrong_with(words) for words in commands_in(in_a_block)] == [why]


def test_commands_are_found_on_the_pages_in_number() -> None:
    """The reader above reads: a change of how pages are written must not make it see nothing."""
    found = [words for page in PAGES.values() for words in commands_in(page.read_text(encoding="utf-8"))]
    assert len([words for words in found if words[0] == "pytest"]) > 30
    assert len([words for words in found if words[0].startswith("benchmarks.")]) > 60
