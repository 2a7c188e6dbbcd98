"""Nothing calls out: the demonstration of all tests is made with sockets refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.commands.conftest import Made
from tests.commands.program import ROOT


def test_the_demonstration_from_partner_file_to_verdict_never_tried_to_call_out(demo: Made) -> None:
    assert demo.outcome.code == 0, demo.outcome.err
    assert not (demo.root.parent / "tried").exists()


def test_a_call_out_would_be_refused_and_noted(tmp_path: Path) -> None:
    code = (
        "import runpy, sys, socket\n"
        "from tests.commands.offline import refuse\n"
        "sys.addaudithook(refuse)\n"
        "calls = (lambda: socket.create_connection(('127.0.0.1', 9)), lambda: socket.getaddrinfo('localhost', 9))\n"
        "for call in calls:\n"
        "    try:\n        call()\n"
        "    except OSError as error:\n        assert 'no command may call out' in str(error)\n"
        "    else:\n        raise SystemExit(3)\n"
    )
    env = {**os.environ, "LIFECOURSE_TRIED": str(tmp_path / "tried"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=env, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "tried").read_text("utf-8").splitlines().count("socket.getaddrinfo") == 2
