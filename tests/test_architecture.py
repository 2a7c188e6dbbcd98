"""The house keeps its shape: imports run downstairs, files stay small, only the edges touch the world."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = ("workspace", "theory_of_change", "cohorts", "evaluation")
TOP_LEVEL = {
    "cli.py", "cohorts", "evaluation", "theory_of_change", "workspace", "tests", "docs", "benchmarks",
    "pyproject.toml", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "justfile", ".ci", ".gitignore",
    ".pre-commit-config.yaml", "requirements.lock", "requirements.hashed.lock",
}  # fmt: skip
LONGEST = 400
# Rooms that may open files, databases, clocks or processes. Everything else is pure.
EDGES = {
    "cli.py", "cohorts/actions.py", "cohorts/agreements/commands.py", "cohorts/agreements/sharing.py",
    "cohorts/agreements/use_gate.py", "cohorts/areas/actions.py", "cohorts/areas/commands.py",
    "cohorts/areas/deliveries.py", "cohorts/areas/permits.py", "cohorts/areas/store.py",
    "cohorts/attacks/actions.py", "cohorts/attacks/commands.py", "cohorts/attacks/key_store.py",
    "cohorts/attacks/runs.py", "cohorts/attacks/store.py", "cohorts/attacks/surroundings_store.py",
    "cohorts/backups/commands.py",
    "cohorts/backups/key_list.py", "cohorts/backups/restoring.py", "cohorts/backups/store.py",
    "cohorts/commands.py", "cohorts/custody/age_files.py", "cohorts/custody/commands.py",
    "cohorts/custody/custodian.py", "cohorts/custody/key_files.py", "cohorts/custody/marks.py",
    "cohorts/custody/passphrases.py", "cohorts/custody/places.py", "cohorts/custody/retirement.py",
    "cohorts/custody/rotation.py", "cohorts/custody/seal_store.py", "cohorts/custody/token_store.py",
    "cohorts/custody/vault_commands.py", "cohorts/custody/vault_store.py", "cohorts/deliveries.py",
    "cohorts/delivery_log.py", "cohorts/following/commands.py", "cohorts/following/flow_ends.py",
    "cohorts/following/store.py", "cohorts/gate/actions.py", "cohorts/gate/commands.py", "cohorts/gate/public.py",
    "cohorts/gate/sealed_store.py", "cohorts/gate/store.py", "cohorts/gate/writing.py", "cohorts/keys.py",
    "cohorts/linking/actions.py",
    "cohorts/linking/commands.py", "cohorts/linking/decisions.py", "cohorts/linking/merge.py",
    "cohorts/linking/register.py", "cohorts/linking/report.py", "cohorts/linking/review_list.py",
    "cohorts/linking/reviews.py", "cohorts/linking/sides.py", "cohorts/linking/spark_session.py",
    "cohorts/linking/store.py",
    "cohorts/linking/traces.py", "cohorts/lives/commands.py", "cohorts/lives/derive_store.py",
    "cohorts/lives/history_store.py", "cohorts/lives/lives_of.py", "cohorts/lives/relations_store.py",
    "cohorts/lives/store.py", "cohorts/local_ids.py", "cohorts/packs/arrivals.py", "cohorts/packs/commands.py",
    "cohorts/packs/link_store.py", "cohorts/packs/names_store.py", "cohorts/packs/store.py",
    "cohorts/packs/supplied.py", "cohorts/partner_files/extracts.py", "cohorts/partner_files/sealed_shelves.py",
    "cohorts/placement.py", "cohorts/redcap/actions.py", "cohorts/releases/actions.py",
    "cohorts/releases/commands.py", "cohorts/releases/gate.py", "cohorts/releases/notices.py",
    "cohorts/releases/people.py", "cohorts/releases/register.py", "cohorts/requests/actions.py",
    "cohorts/requests/commands.py", "cohorts/requests/erasure.py", "cohorts/requests/person_tables.py",
    "cohorts/requests/residue.py", "cohorts/requests/store.py", "cohorts/store.py", "cohorts/twins/commands.py",
    "cohorts/twins/store.py", "evaluation/actions.py", "evaluation/amending/actions.py",
    "evaluation/amending/commands.py", "evaluation/amending/running.py", "evaluation/amending/store.py",
    "evaluation/annexes/commands.py", "evaluation/checklists/commands.py", "evaluation/claims/commands.py",
    "evaluation/claims/document_store.py", "evaluation/commands.py", "evaluation/data_protection/commands.py",
    "evaluation/data_protection/facts_store.py", "evaluation/differences/commands.py",
    "evaluation/differences/store.py", "evaluation/economics/actions.py", "evaluation/economics/commands.py",
    "evaluation/economics/store.py", "evaluation/edits/commands.py", "evaluation/edits/edit_store.py",
    "evaluation/evidence/actions.py", "evaluation/evidence/commands.py", "evaluation/evidence/evidence_store.py",
    "evaluation/leaving/evaluation_store.py", "evaluation/linked/outcomes.py", "evaluation/locking.py",
    "evaluation/panels/area_readiness.py", "evaluation/panels/from_areas.py", "evaluation/planned_columns.py",
    "evaluation/power_analysis/actions.py", "evaluation/power_analysis/commands.py",
    "evaluation/power_analysis/running.py", "evaluation/power_analysis/store.py",
    "evaluation/preregistration/actions.py", "evaluation/preregistration/commands.py",
    "evaluation/printed/browser.py", "evaluation/ready_plans/starter_store.py", "evaluation/register/actions.py",
    "evaluation/register/collected_store.py", "evaluation/register/commands.py",
    "evaluation/register/findings_store.py", "evaluation/register/store.py", "evaluation/replication/actions.py",
    "evaluation/replication/commands.py", "evaluation/replication/project_mode.py",
    "evaluation/replication/released.py",
    "evaluation/reporting/commands.py", "evaluation/saved/store.py", "evaluation/site/actions.py",
    "evaluation/site/commands.py", "evaluation/site/folder_store.py", "evaluation/site/store.py",
    "evaluation/store.py", "evaluation/study.py", "evaluation/team/chart_commands.py",
    "evaluation/team/commands.py", "evaluation/team/known_store.py",
    "evaluation/theory_tests/actions.py", "evaluation/theory_tests/commands.py",
    "evaluation/theory_tests/data_store.py", "evaluation/times/from_lives.py",
    "theory_of_change/asking/prompts.py", "theory_of_change/code_lists/store.py", "theory_of_change/commands.py",
    "theory_of_change/delivery/commands.py", "theory_of_change/delivery/follow_up_commands.py",
    "theory_of_change/delivery/store.py", "theory_of_change/drawing/commands.py",
    "theory_of_change/instruments/store.py", "theory_of_change/obligations/commands.py",
    "theory_of_change/obligations/obligation_store.py", "theory_of_change/returns/commands.py",
    "theory_of_change/reviews/commands.py", "theory_of_change/reviews/review_store.py",
    "theory_of_change/spreadsheets/commands.py", "theory_of_change/spreadsheets/loose.py",
    "theory_of_change/store.py", "theory_of_change/submodels/commands.py",
    "theory_of_change/submodels/partner_store.py", "theory_of_change/tracking/actions.py",
    "theory_of_change/tracking/commands.py",
    "theory_of_change/tracking/listing_commands.py", "theory_of_change/tracking/measure_reviews/commands.py",
    "theory_of_change/tracking/measure_reviews/store.py", "theory_of_change/tracking/store.py",
    "theory_of_change/versions/commands.py", "theory_of_change/versions/version_store.py",
}  # fmt: skip
WORLD = {
    "sqlite3",
    "sqlalchemy",
    "sqlmodel",
    "subprocess",
    "socket",
    "tempfile",
    "shutil",
    "secrets",
    "getpass",
    "os",
}
TABLES = {
    "cohorts/areas/records.py", "cohorts/custody/records.py", "cohorts/gate/records.py",
    "cohorts/linking/records.py", "cohorts/lives/records.py", "cohorts/records.py", "cohorts/releases/records.py",
    "cohorts/requests/records.py", "evaluation/records.py", "evaluation/register/records.py",
    "evaluation/saved/records.py", "theory_of_change/delivery/records.py", "theory_of_change/tracking/records.py",
}  # fmt: skip


def sources() -> list[Path]:
    """Every source file of the house."""
    return [ROOT / "cli.py", *sorted(p for floor in FLOORS for p in (ROOT / floor).rglob("*.py"))]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports_of(path: Path) -> list[tuple[str, int]]:
    """Every module a file imports, also inside functions and under TYPE_CHECKING, with the line."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{named(path)}:{node.lineno} is a relative import"
            found.append((node.module or "", node.lineno))
            found += [(f"{node.module}.{alias.name}", node.lineno) for alias in node.names]
    return found


@pytest.mark.parametrize("path", sources(), ids=named)
def test_imports_run_downstairs_only(path: Path) -> None:
    if path.name == "cli.py":
        return
    floor = FLOORS.index(path.relative_to(ROOT).parts[0])
    for module, line in imports_of(path):
        top = module.split(".")[0]
        assert top != "cli", f"{named(path)}:{line} imports the front door"
        if top in FLOORS:
            assert FLOORS.index(top) <= floor, f"{named(path)}:{line} imports upstairs: {module}"


def test_there_is_no_circle_among_the_files() -> None:
    modules = {named(p).removesuffix(".py").replace("/", ".").removesuffix(".__init__"): p for p in sources()}
    graph = {name: {m for m, _ in imports_of(p) if m in modules and m != name} for name, p in modules.items()}
    done: set[str] = set()

    def walk(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail[trail.index(name) :], name))
        if name in done:
            return
        for other in sorted(graph[name]):
            walk(other, (*trail, name))
        done.add(name)

    for name in sorted(graph):
        walk(name, ())


@pytest.mark.parametrize("path", sources(), ids=named)
def test_no_module_is_imported_by_name_at_run_time(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "importlib.import_module" not in text
    assert "__import__" not in text


@pytest.mark.parametrize("path", sources(), ids=named)
def test_no_file_is_longer_than_four_hundred_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


def test_package_faces_hold_a_docstring_only() -> None:
    for path in sources():
        if path.name == "__init__.py":
            body = ast.parse(path.read_text(encoding="utf-8")).body
            assert len(body) == 1, named(path)
            assert isinstance(body[0], ast.Expr), named(path)


def test_only_the_edges_touch_the_world() -> None:
    for path in sources():
        name = named(path)
        if name in EDGES | TABLES or name.startswith("workspace/"):
            continue
        for module, line in imports_of(path):
            assert module.split(".")[0] not in WORLD, f"{name}:{line} reaches out with {module}"


def test_pure_rooms_open_no_file_and_read_no_clock() -> None:
    for path in sources():
        name = named(path)
        if name in EDGES or name.startswith("workspace/"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            assert called not in ("open", "print", "input"), f"{name}:{node.lineno} calls {called}"
            assert not called.endswith(
                (".today", ".now", ".utcnow", ".read_text", ".read_bytes", ".write_text")
            ), f"{name}:{node.lineno} calls {called}"


def test_only_the_database_room_opens_the_database() -> None:
    for path in sources():
        if named(path) in ("workspace/database.py",):
            continue
        text = path.read_text(encoding="utf-8")
        assert "sqlite3.connect" not in text, named(path)
        assert named(path) == "workspace/postgresql.py" or "create_engine" not in text, named(path)


def test_our_code_warns_nobody() -> None:
    for path in sources():
        assert "warnings.warn" not in path.read_text(encoding="utf-8"), named(path)


def test_nothing_is_left_unfinished() -> None:
    for path in sources():
        text = path.read_text(encoding="utf-8")
        for word in ("NotImplementedError", "TO" + "DO", "FIX" + "ME"):
            assert word not in text, f"{named(path)} holds {word}"


def test_every_floor_has_the_same_rooms() -> None:
    for floor in FLOORS[1:]:
        for room in (
            "errors.py",
            "model.py" if floor != "cohorts" else "definition.py",
            "store.py",
            "views.py",
            "commands.py",
        ):
            assert (ROOT / floor / room).is_file(), f"{floor}/{room}"


def test_the_front_door_stays_small() -> None:
    lines = [x for x in (ROOT / "cli.py").read_text(encoding="utf-8").splitlines() if x.strip()]
    assert len(lines) <= 75


def test_the_top_level_holds_the_house_and_nothing_else() -> None:
    import subprocess

    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    found = {line.split("/")[0] for line in listed.stdout.splitlines() if line}
    assert found <= TOP_LEVEL, found - TOP_LEVEL
