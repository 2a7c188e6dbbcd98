"""The documentation is run: commands, files and tables in it are held against the program.

Comments above a fence steer it: ``<!-- exit 4 -->`` (the exit code of its last command), ``<!-- not run -->``,
``<!-- save as plans/x.toml -->`` (write the block into the page's folder), ``<!-- plan -->``, ``<!-- mapping -->``
``<!-- agreement -->``, ``<!-- areas -->``, ``<!-- evidence -->`` and ``<!-- theory -->``
(hold a TOML block against the real reader). At the
top of a page ``<!-- starts in: practice -->`` puts the reader into a practice project (``beside``: beside it), and
``<!-- starts in: source -->`` into a folder with the reference data.
In ``console`` blocks lines after ``$ `` are typed; the other lines must appear in what is printed, in order,
``…`` standing for anything.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import os
import re
import shutil
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest

from cohorts.agreements.agreement import read_agreement
from cohorts.areas.file import read_area_mapping
from cohorts.errors import CohortError
from cohorts.partner_files.source_file import read_mapping
from evaluation.errors import EvaluationError
from evaluation.evidence.record_file import read_records
from evaluation.methods.registry import METHODS
from evaluation.model import Answer
from evaluation.plan import AnalysisRules
from evaluation.plan_file import DEFAULT_EFFECT, FITTING, read_plan
from evaluation.wording import DETAIL_WORDS
from tests.docs.reader import ROOT, Reader, blocks_of, start_of
from tests.docs.waiting import Waiting
from theory_of_change.errors import TheoryError
from theory_of_change.model import Measure
from theory_of_change.store import load_catalogue
from theory_of_change.theory_file import parse_theory
from theory_of_change.tracking.measures_file import read_tracked
from workspace.errors import EXPLANATIONS
from workspace.settings import DisclosureProfile
from workspace.toml_source import Section, parse_toml

DOCS = ROOT / "docs"
FRONT = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
PAGES = [*FRONT, *sorted(DOCS.rglob("*.md"))]
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
INSTALL = (
    "python3 -m venv .venv && .venv/bin/pip install --quiet -c requirements.lock . "
    "&& .venv/bin/lifecourse demo practice"
)
TESTS = (
    "python3 -m venv .venv && .venv/bin/pip install --quiet -c requirements.lock -e '.[dev]' "
    "&& .venv/bin/python -m pytest"
)
BANNED = (
    "/work",
    "shared/",
    "/tmp/",
    "/root",
    "/home/",
    "pypi.org",
    "pythonhosted",
    "cran.r-project",
    "anaconda.org",
    "conda.io",
    "artifactory",
    "index-url",
    "npmjs",
    "pkg.dev",
)
RUNNABLE = ("console", "sh", "python")
FIXED_WORDS = (
    "participant",
    "pseudonym",
    "wave",
    "variable",
    "measure",
    "baseline",
    "follow-up",
    "treated",
    "comparison",
    "control",
    "exposure",
    "covariate",
    "estimand",
    "estimator",
    "estimate",
    "effect",
    "difference",
    "cluster",
    "attrition",
    "linkage",
)


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The README, followed: the folder in which it left its practice project, and the reader's home."""
    if shutil.which("bash") is None:
        pytest.skip("the pages are written for a Unix shell")
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("readme")
    reader = Reader(folder, home)
    for block in blocks_of(ROOT / "README.md"):
        reader.follow(block)
    return folder, home


def test_the_readme_leaves_a_practice_project_with_four_reports(practice: tuple[Path, Path]) -> None:
    assert len(list((practice[0] / "practice" / "reports").glob("*.html"))) == 4


RUN = [
    name
    for name, page in zip(NAMES, PAGES, strict=True)
    if name != "README.md" and any(b.is_run and b.language in RUNNABLE for b in blocks_of(page))
]


def follow_page(name: str, readme: Path, home: Path, folder: Path, program: str = "") -> None:
    """Do what a page says, in a folder and with a home of its own: an erasure on one page replaces a key at home."""
    own = folder.parent / f"{folder.name}-home"
    shutil.copytree(home, own)
    start = start_of(ROOT / name)
    if start in ("practice", "beside"):
        shutil.copytree(readme / "practice", folder / "practice")
    if start == "source":
        for part in ("data", "made_up", "pooling"):
            shutil.copytree(ROOT / "tests/reference" / part, folder / "tests/reference" / part)
    reader = Reader(folder / "practice" if start == "practice" else folder, own, program)
    for block in blocks_of(ROOT / name):
        reader.follow(block)


@pytest.fixture(scope="module")
def followed(
    practice: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[None]]]:
    """Every page is followed in a folder of its own, several at a time; each test waits for its page.

    Tutorials start the program as users do, all else forks one that waits.
    """
    waiting = Waiting(tmp_path_factory.mktemp("waiting"))
    try:
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
            yield {
                name: pool.submit(
                    follow_page,
                    name,
                    *practice,
                    tmp_path_factory.mktemp("page"),
                    "" if "tutorial" in name else waiting.command,
                )
                for name in RUN
            }
    finally:
        waiting.close()


@pytest.mark.parametrize("name", RUN)
def test_everything_a_page_tells_the_reader_to_do_can_be_done(
    name: str, followed: dict[str, Future[None]]
) -> None:
    followed[name].result()


def test_the_readme_holds_exactly_the_two_commands_of_a_fresh_machine() -> None:
    lines = [
        line
        for block in blocks_of(ROOT / "README.md")
        if block.language == "sh"
        for line in block.text.splitlines()
    ]
    assert lines == [INSTALL, TESTS]


# ---- links, words, plain rules


def slug(heading: str) -> str:
    plain = re.sub(r"[^\w\- ]", "", heading.strip().lower().replace("`", ""))
    return plain.replace(" ", "-")


def prose_of(page: Path) -> str:
    return re.sub(r"^( *)```.*?^\1```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", NAMES)
def test_every_link_inside_the_documentation_leads_somewhere(name: str) -> None:
    page = ROOT / name
    for target in re.findall(r"\]\(([^)\s]+)\)", prose_of(page)):
        if re.match(r"https?://|mailto:", target):
            continue
        path, _, anchor = target.partition("#")
        goal = (page.parent / path).resolve() if path else page
        assert goal.exists(), f"{name}: {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", prose_of(goal), flags=re.MULTILINE)
            assert anchor in {slug(heading) for heading in headings}, f"{name}: {target}"


def test_every_test_that_the_rows_of_the_strategy_name_is_there() -> None:
    text = (DOCS / "reference/strategy-rows.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:\w+/)+test_\w+\.py)`", text)
    assert len(named) > 50
    assert [name for name in named if not (ROOT / "tests" / name).is_file()] == []
    rows = re.findall(r"^\| (\d+)(?:-(\d+))? \|", text, flags=re.MULTILINE)
    assert [n for first, last in rows for n in range(int(first), int(last or first) + 1)] == list(
        range(1, 78)
    )


def test_every_page_of_the_documentation_can_be_reached_from_its_index() -> None:
    reached, waiting = set(), [DOCS / "index.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        links = re.findall(r"\]\(([^)\s#]+\.md)", prose_of(page))
        waiting += [(page.parent / link).resolve() for link in links if "://" not in link]
    assert {page for page in PAGES if page.is_relative_to(DOCS)} <= reached


@pytest.mark.parametrize("name", NAMES)
def test_no_page_names_a_registry_or_a_place_on_some_machine(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8").lower()
    assert [word for word in BANNED if word in text] == []


# ---- blocks of TOML

KINDS = ("plan", "mapping", "theory", "agreement", "areas", "measures", "evidence")


def held_against(kind: str, text: str, where: str, catalogue: dict[str, Measure]) -> object:
    readers: dict[str, Callable[[], object]] = {
        "plan": lambda: read_plan(parse_toml(text, where, EvaluationError), catalogue),
        "mapping": lambda: read_mapping(parse_toml(text, where, CohortError)),
        "theory": lambda: parse_theory(text, catalogue, where),
        "agreement": lambda: read_agreement(parse_toml(text, where, CohortError), DisclosureProfile()),
        "areas": lambda: read_area_mapping(parse_toml(text, where, CohortError)),
        "measures": lambda: read_tracked(parse_toml(text, where, TheoryError)),
        "evidence": lambda: read_records(parse_toml(text, where, EvaluationError)),
    }
    return readers[kind]()


def test_every_block_of_toml_is_valid_and_marked_ones_are_accepted_by_the_real_reader() -> None:
    held, catalogue = [], load_catalogue()
    for block in (block for page in PAGES for block in blocks_of(page) if block.language == "toml"):
        tomllib.loads(block.text)
        for kind in KINDS:
            if kind in block.notes:
                assert held_against(kind, block.text, block.where, catalogue)
                held.append(kind)
    assert set(held) == set(KINDS)


# ---- generated and hand-kept reference pages


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_reference", DOCS / "make_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_generated_reference_pages_are_current() -> None:
    stale = [
        path.name
        for path, text in generator().pages().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run: python docs/make_reference.py"


def test_every_command_of_the_program_stands_in_the_reference() -> None:
    text = (DOCS / "reference/commands.md").read_text(encoding="utf-8")
    for words in generator().command_names():
        assert f"## lifecourse {words}\n" in text


def test_every_code_of_the_program_stands_in_the_reference() -> None:
    text = (DOCS / "reference/errors.md").read_text(encoding="utf-8")
    assert [code for code in EXPLANATIONS if f"## {code} " not in text] == []


def keys_asked_for(monkeypatch: pytest.MonkeyPatch, kind: str, texts: list[str]) -> set[str]:
    """Every key the real reader asks for while it reads these files."""
    asked: set[str] = set()
    catalogue, finish = load_catalogue(), Section.finish

    def listening(self: Section) -> None:
        asked.update(self.asked)
        finish(self)

    monkeypatch.setattr(Section, "finish", listening)
    for text in texts:
        held_against(kind, text, "example.toml", catalogue)
    return asked


def examples(kind: str) -> list[str]:
    return [block.text for page in PAGES for block in blocks_of(page) if kind in block.notes]


@pytest.mark.parametrize(
    ("kind", "page"),
    [
        ("plan", "plan-keys.md"),
        ("mapping", "source-keys.md"),
        ("theory", "theory-keys.md"),
        ("agreement", "agreement-keys.md"),
        ("areas", "area-keys.md"),
        ("measures", "measure-keys.md"),
        ("evidence", "evidence-keys.md"),
    ],
)
def test_the_table_of_keys_names_every_key_the_reader_asks_for_and_no_other(
    kind: str, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = keys_asked_for(monkeypatch, kind, examples(kind))
    text = (DOCS / "reference" / page).read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE))
    tables = set(re.findall(r"^## .*?`\[+([\w.-]+)\]+`", text, flags=re.MULTILINE))
    tables = {part for name in tables for part in name.split(".")}
    assert asked - named - tables == set()
    assert named - asked == set()


def cells_of(page: str) -> list[list[str]]:
    """Every row of every table of a reference page."""
    lines = (DOCS / "reference" / page).read_text(encoding="utf-8").splitlines()
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| ")
    ]


def test_the_page_of_plan_keys_says_which_method_takes_which_outcome_and_effect() -> None:
    said: dict[str, tuple[list[str], list[str]]] = {}
    for outcome, effects, methods in (row for row in cells_of("plan-keys.md") if len(row) == 3):
        named = re.findall(r"`([\w-]+)`", outcome)
        if named and named[-1] in FITTING:
            said[named[-1]] = (re.findall(r"`([\w-]+)`", effects), methods.split(", "))
    assert set(said) == set(FITTING)
    for kind, (fitting, takers) in said.items():
        assert fitting == list(FITTING[kind])
        assert fitting[0] == DEFAULT_EFFECT[kind]
        taken = "time-to-event" if kind == "recurrent" else kind
        assert takers == [name for name, method in METHODS.items() if taken in method.kinds]


def said_default(cell: str) -> object:
    """What a cell of the column "Default" means: a value as TOML writes it, or in words: nothing chosen."""
    text = cell.strip("`")
    if cell.startswith("`") or re.fullmatch(r"true|false|-?\d+(\.\d+)?", text):
        return tomllib.loads(f"value = {text}")["value"]
    return None


def test_the_defaults_of_settings_on_the_page_of_plan_keys_are_those_of_the_code() -> None:
    text = (DOCS / "reference/plan-keys.md").read_text(encoding="utf-8")
    settings = {f"design.{name}": method.read_settings(None) for name, method in METHODS.items()}
    settings["analysis"] = AnalysisRules()
    held = 0
    for name, chosen in settings.items():
        part = re.split(r"^## ", text.partition(f"`[{name}]`")[2], flags=re.MULTILINE)[0]
        rows = re.findall(r"^\| `(\w+)` \| .+? \| (.+?) \|", part, flags=re.MULTILINE)
        for key, default in (row for row in rows if row[0] != "design"):  # an older name of `layout`
            wanted = said_default(default)
            assert getattr(chosen, key) == wanted or (wanted is None and not getattr(chosen, key)), key
            held += 1
    assert held >= 40


PARTS = (
    "Estimand",
    "Assumptions",
    "Estimator",
    "Variance",
    "Checks of its own",
    "Sensitivity lines",
    "Missing data",
    "Bad input",
    "Limits",
    "Sources",
)


@pytest.mark.parametrize("name", [*METHODS, "time-to-event"])
def test_the_page_of_a_method_has_all_the_parts_a_reader_looks_for(name: str) -> None:
    page = DOCS / f"explanation/methods/{name}.md"
    headings = re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert [part for part in PARTS if part not in headings] == []


def test_the_page_of_the_house_names_every_folder_and_no_other() -> None:
    text = (DOCS / "explanation/the-house.md").read_text(encoding="utf-8")
    for floor in ("cohorts", "evaluation"):
        part = text.partition(f"| In `{floor}/` |")[2].partition("\n\n")[0]
        folders = {room.parent.name for room in (ROOT / floor).glob("*/__init__.py")}
        assert set(re.findall(r"^\| `(\w+)/` \|", part, flags=re.MULTILINE)) == folders


def test_every_method_has_a_page_and_a_line_in_the_register() -> None:
    register = (DOCS / "reference/methods-register.md").read_text(encoding="utf-8")
    for name in METHODS:
        assert (DOCS / f"explanation/methods/{name}.md").is_file()
        assert f"## {name}\n" in register


def test_every_answer_and_detail_stands_in_the_verdict_table() -> None:
    text = (DOCS / "reference/verdict-table.md").read_text(encoding="utf-8")
    assert [word for word in (*get_args(Answer), *DETAIL_WORDS) if f"`{word}`" not in text] == []


def names_of_checks() -> set[str]:
    """The first argument of every Check the program makes, where it is written out."""
    calls = (
        node
        for path in (ROOT / "evaluation").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Check"
    )
    firsts = (call.args[0] for call in calls if call.args)
    return {str(first.value) for first in firsts if isinstance(first, ast.Constant)}


def test_every_check_the_program_makes_stands_in_the_verdict_table() -> None:
    part = (DOCS / "reference/verdict-table.md").read_text(encoding="utf-8").partition("## Checks\n")[2]
    listed = {
        name.strip()
        for cell in re.findall(r"^\| (.+?) \|", part, flags=re.MULTILINE)
        for name in re.split(r"[,;]", re.sub(r"\(.+?\)", "", cell))
    }
    made = names_of_checks()
    assert len(made) > 50
    assert made - listed == set()


def test_the_glossary_holds_every_fixed_word() -> None:
    text = (DOCS / "reference/glossary.md").read_text(encoding="utf-8")
    assert [word for word in FIXED_WORDS if f"**{word}**" not in text] == []


def flattened(value: Any) -> list[float]:
    if isinstance(value, tuple):
        return [number for item in value for number in flattened(item)]
    return [float(value)]


def rows_of_the_rules_register() -> list[tuple[str, str, str]]:
    text = (DOCS / "reference/rules-register.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    return [(r[0], r[2], r[3]) for r in rows if len(r) == 6 and re.match(r"(R\d+|own|gate)", r[0])]


def test_every_number_in_the_rules_register_is_the_number_in_the_code() -> None:
    held = 0
    for rule, value, place in rows_of_the_rules_register():
        for name in re.findall(r"`([a-z_.]+\.[A-Z_]+)`", place):
            module, _, constant = name.rpartition(".")
            actual = flattened(getattr(importlib.import_module(module), constant))
            said = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", value)]
            missing = [number for number in actual[:12] if number not in said]
            assert missing == [], f"{rule}: {name} is {actual}, the register says {value}"
            held += 1
    assert held >= 20


def test_python_in_the_documentation_can_be_read() -> None:
    for page in PAGES:
        for block in blocks_of(page):
            if block.language == "python":
                ast.parse(block.text)
