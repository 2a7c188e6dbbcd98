"""A Spark of one's own for one linkage: on this computer only, and nothing of it is left behind.

Tokens are sent to it through memory. What does not fit in memory is spilled to a private folder, encrypted under a
key that only that process holds; the folder goes when the linkage ends. It listens on the loopback address alone,
keeps no log and shows no page; what it would say is held back, because it may quote data. Settings of a Spark that
is installed on the computer are not looked at.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from workspace.errors import GateNotMet

CORES = "local[*]"
ROWS_A_PART = 50_000
FEWEST_PARTS = 8
SHARE_OF_MEMORY = 0.5
MOST_MEMORY_MB, LEAST_MEMORY_MB = 30_000, 1_000  # above 30 GB Java's pointers grow and less fits than before
PATIENCE = 20.0


def require_spark() -> None:
    """Refuse to begin where Splink, PySpark or Java is not installed.

    Raises
    ------
    GateNotMet
        ``LC880``.
    """
    if find_spec("splink") is None or find_spec("pyspark") is None:
        raise GateNotMet(
            "LC880",
            "linking people on Spark needs Splink and PySpark, which are not installed",
            "pip install 'lifecourse[spark]' and install Java 17 or newer, or leave out --engine spark",
        )
    if java_program() is None:
        raise GateNotMet(
            "LC880",
            "linking people on Spark needs Java, which was not found",
            "Install Java 17 or newer (apt install openjdk-17-jre-headless), or leave out --engine spark",
        )


def java_program() -> str | None:
    """The Java that Spark would start, or None."""
    home = os.environ.get("JAVA_HOME")
    if home:
        found = Path(home) / "bin" / "java"
        return str(found) if found.is_file() else None
    return shutil.which("java")


@contextlib.contextmanager
def spark_session(rows: int) -> Iterator[Any]:
    """A Spark session for about so many rows; its process and its folder are gone afterwards.

    ``rows`` decides into how many parts the work is cut.
    """
    require_spark()
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    folder = Path(tempfile.mkdtemp(prefix="lifecourse-link-"))  # nobody else may look into it
    environment, path = dict(os.environ), list(sys.path)
    gateway: Any = None
    try:
        _settle_environment(folder)
        conf = SparkConf(loadDefaults=False).setAll(list(settings_of(folder, rows).items()))
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": str(folder)}
        gateway = launch_gateway(conf, silent)
        context = SparkContext(gateway=gateway, conf=conf)
        try:
            yield SparkSession(context)
        finally:
            context.stop()
    finally:
        _end(gateway)
        SparkContext._gateway = SparkContext._jvm = None  # the next session starts a process of its own
        os.environ.clear()
        os.environ.update(environment)
        sys.path[:] = path
        shutil.rmtree(folder, ignore_errors=True)


def settings_of(folder: Path, rows: int) -> dict[str, str]:
    """How Spark is set: what it may not do, where it may spill, and in how many parts it works."""
    java = (
        f"-Djava.io.tmpdir={folder}", f"-XX:ErrorFile={folder / 'crash.log'}",
        "-XX:-UsePerfData", "-XX:-CreateCoredumpOnCrash", "-XX:-HeapDumpOnOutOfMemoryError",
    )  # fmt: skip
    return {
        "spark.master": CORES,
        "spark.app.name": "linkage",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": f"{_memory_mb()}m",
        "spark.driver.maxResultSize": "0",
        "spark.driver.extraJavaOptions": " ".join(java),
        "spark.authenticate": "true",
        "spark.io.encryption.enabled": "true",
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder / "tables"),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.eventLog.enabled": "false",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": str(max(FEWEST_PARTS, rows // ROWS_A_PART)),
        "spark.sql.execution.arrow.localRelationThreshold": "0",  # else tables of up to 48 MB stand in every plan
    }


def _settle_environment(folder: Path) -> None:
    """Nothing of another Spark on this computer decides: neither its place, nor its settings, nor where it spills."""
    for name in [n for n in os.environ if n.startswith(("SPARK_", "PYSPARK_"))]:
        del os.environ[name]
    os.environ |= {
        "SPARK_LOCAL_DIRS": str(folder),
        "SPARK_CONF_DIR": str(folder),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }


def _memory_mb() -> int:
    """Half of what the computer has; Spark spills what does not fit."""
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    except (AttributeError, ValueError, OSError):  # not every system tells
        return LEAST_MEMORY_MB
    return min(max(int(whole * SHARE_OF_MEMORY), LEAST_MEMORY_MB), MOST_MEMORY_MB)


def _end(gateway: Any) -> None:
    """End the Java process: its input closes, it cleans up and goes; where it does not, it is stopped."""
    if gateway is None:
        return
    with contextlib.suppress(Exception):
        gateway.shutdown()
    process = gateway.proc
    with contextlib.suppress(OSError):
        process.stdin.close()
    try:
        process.wait(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
