"""Pairs weighed on Spark: the same as on DuckDB, in a process that tells nobody and leaves nothing behind.

What needs Spark is skipped where PySpark or Java is missing; CI does not install them for their size.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cohorts.errors import CohortError
from cohorts.linking import residual, spark_session
from cohorts.linking.actions import LinkRequest, run_link
from cohorts.linking.engines import signed, spoken
from cohorts.linking.residual import frequencies_of, score_pairs
from cohorts.linking.spark_session import java_program, require_spark, settings_of
from cohorts.linking.store import links_of, load_model
from tests.cohorts.linking import make_linking_project, sources
from tests.cohorts.test_linkage import side_of
from workspace.database import reading
from workspace.errors import GateNotMet

needs_spark = pytest.mark.skipif(
    find_spec("pyspark") is None or java_program() is None, reason="PySpark or Java is missing"
)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files of the test's own, so that what is left behind can be seen."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@needs_spark
@pytest.mark.slow
def test_spark_gives_the_pairs_and_weights_of_duckdb_says_nothing_and_leaves_nothing(
    temporary: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPARK_HOME", "/nowhere")  # another Spark on the computer does not decide
    made, key = sources(1500, 4), os.urandom(32)
    left, right = side_of(made.left, key).fields, side_of(made.right, key).fields
    model, frequencies = load_model()[0], frequencies_of(left, right)
    environment = dict(os.environ)
    ours = score_pairs(left, right, model, frequencies, 700.0)
    theirs = score_pairs(left, right, model, frequencies, 700.0, "spark")
    assert ours.height > 500
    assert theirs.select("left", "right").equals(ours.select("left", "right"))
    assert (theirs["weight"] - ours["weight"]).abs().max() <= 1e-6  # type: ignore[operator]
    assert capfd.readouterr() == ("", "")
    assert (list(temporary.iterdir()), dict(os.environ)) == ([], environment)


@needs_spark
@pytest.mark.slow
def test_a_run_on_spark_stores_the_links_of_a_run_on_duckdb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "test.key"))
    first, left, right = make_linking_project(tmp_path / "duckdb", sources(700, 2))
    second = replace(first, root=Path(shutil.copytree(first.root, tmp_path / "second")))
    sides, found = (("releases", left), ("probation", right)), {}
    for engine, project in (("duckdb", first), ("spark", second)):
        done = run_link(project, LinkRequest("leavers", *sides, engine=engine))
        with reading(project) as session:
            found[engine] = links_of(session, done.run_id)
    assert found["spark"].filter(pl.col("method") == "splink").height > 0
    assert found["spark"].equals(found["duckdb"])


@needs_spark
@pytest.mark.slow
@pytest.mark.parametrize("encrypted", [True, False])
def test_tokens_that_are_spilled_cannot_be_read_and_only_this_computer_is_listened_to(
    encrypted: bool, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not encrypted:  # the control: without encryption the same search finds them
        plain = {"spark.io.encryption.enabled": "false", "spark.rdd.compress": "false"}
        monkeypatch.setattr(spark_session, "settings_of", lambda *a: settings_of(*a) | plain)
    key = os.urandom(32)
    tokens = signed(side_of(sources(600).left, key).fields.select("person", "sn")).drop_nulls()
    with residual._silence(), spark_session.spark_session(1000) as session:
        from pyspark import SparkContext, StorageLevel

        spilled = session.createDataFrame(tokens.to_arrow()).repartition(3).persist(StorageLevel.DISK_ONLY)
        assert spilled.count() == tokens.height
        written = [p.read_bytes() for p in temporary.rglob("*") if p.is_file()]
        gateway: Any = SparkContext._gateway
        listening = listened_to(gateway.proc.pid)
    forms = [
        token.to_bytes(8, order, signed=True)
        for token in tokens["sn"].head(50)
        for order in ("little", "big")
    ]
    there = any(form in text for form in forms for text in written)
    assert sum(map(len, written)) > tokens.height * 8
    assert there is not encrypted
    assert listening
    assert listening <= {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}
    assert list(temporary.iterdir()) == []


def listened_to(process: int) -> set[str]:
    """The addresses a process listens on, as Linux writes them; other systems are not asked."""
    if not Path("/proc/net/tcp").exists():
        pytest.skip("needs Linux")
    held = set()
    for link in Path(f"/proc/{process}/fd").iterdir():
        try:
            held.add(os.readlink(link).removeprefix("socket:[").removesuffix("]"))
        except OSError:  # closed meanwhile
            continue
    rows = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{name}").read_text(encoding="ascii").splitlines()[1:]
    ]
    return {row[1].split(":")[0] for row in rows if row[3] == "0A" and row[9] in held}


def test_a_missing_pyspark_is_said_with_the_extra_and_java(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark_session, "find_spec", lambda name: None if name == "pyspark" else object())
    with pytest.raises(GateNotMet, match="LC880") as raised:
        require_spark()
    assert "lifecourse[spark]" in raised.value.faults[0].hint
    assert "Java 17" in raised.value.faults[0].hint


def test_a_missing_java_is_said_plainly(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(spark_session, "find_spec", lambda _name: object())
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(GateNotMet, match="needs Java") as raised:
        require_spark()
    assert "Java 17" in raised.value.faults[0].hint


@pytest.mark.parametrize(("engine", "keys_only"), [("postgres", False), ("spark", True)])
def test_an_engine_that_cannot_be_used_so_is_refused_before_anything_is_read(
    engine: str, keys_only: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "test.key"))
    project, left, right = make_linking_project(tmp_path / "p", sources(60, 2))
    request = LinkRequest(
        "leavers", ("releases", left), ("probation", right), keys_only=keys_only, engine=engine
    )
    with pytest.raises(CohortError, match="LC879"):
        run_link(project, request)


def test_the_model_says_the_same_in_both_dialects() -> None:
    model = load_model()[0]
    told = spoken(model, "spark")
    assert spoken(told, "duckdb") == model
    assert json.dumps(told).count('"spark"') == 1 + len(model["blocking_rules_to_generate_predictions"])


def test_signed_tokens_are_equal_where_the_tokens_were() -> None:
    tokens = pl.DataFrame({"t": [0, 1, 2**63, 2**64 - 1, None, 1]}, schema={"t": pl.UInt64})
    told = signed(tokens)["t"]
    assert told.dtype == pl.Int64
    assert (told.n_unique(), told.null_count()) == (tokens["t"].n_unique(), 1)
    assert told[1] == told[5]


def test_spark_is_set_to_keep_to_itself(tmp_path: Path) -> None:
    told = settings_of(tmp_path, 10_000_000)
    assert told["spark.io.encryption.enabled"] == "true"
    assert told["spark.driver.bindAddress"] == "127.0.0.1"
    assert told["spark.local.dir"] == str(tmp_path)
    assert {told["spark.ui.enabled"], told["spark.eventLog.enabled"]} == {"false"}
    assert told["spark.sql.shuffle.partitions"] == "200"
