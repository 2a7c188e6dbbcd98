"""The browser of this machine as a printer: a page goes in, a tagged PDF comes out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from evaluation.errors import EvaluationError
from evaluation.printed import errors as _codes  # noqa: F401 - declares the codes raised here
from evaluation.printed.pdf_bytes import is_tagged, settled

VARIABLE = "LIFECOURSE_BROWSER"
NAMES = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge",
    "microsoft-edge-stable", "msedge",
)  # fmt: skip
MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
WINDOWS = (r"Microsoft\Edge\Application\msedge.exe", r"Google\Chrome\Application\chrome.exe")
WINDOWS_FOLDERS = ("PROGRAMFILES(X86)", "PROGRAMFILES", "LOCALAPPDATA")
QUIETLY = (
    "--headless", "--disable-gpu", "--no-first-run", "--no-default-browser-check", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-pdf-header-footer", "--generate-pdf-document-outline", "--export-tagged-pdf",
)  # fmt: skip
PATIENCE_SECONDS = 120.0


def find_browser() -> Path:
    """The browser to print with: the one that is named, else the first that is found.

    Raises
    ------
    EvaluationError
        LC711 where there is none.
    """
    named = os.environ.get(VARIABLE, "")
    for name in (named,) if named else (*NAMES, *_usual_places()):
        if found := shutil.which(name):
            return Path(found)
    said = (
        f"'{Path(named).name}', named in {VARIABLE}, is no program here" if named else "no browser was found"
    )
    raise EvaluationError(
        "LC711",
        f"a PDF cannot be printed: {said}",
        "Install Chromium, Google Chrome or Microsoft Edge (Debian, Ubuntu: apt install chromium), "
        f"or name the program in {VARIABLE}. Word needs none: --to word.",
    )


def _usual_places() -> tuple[str, ...]:
    if sys.platform == "darwin":
        return MAC
    folders = [os.environ[name] for name in WINDOWS_FOLDERS if os.environ.get(name)]
    return tuple(str(Path(folder) / place) for folder in folders for place in WINDOWS)


def print_page(page: str) -> bytes:
    """Print a page of ours: A4, tagged, without a header or footer of the browser's own.

    The browser gets a folder of its own for its settings and sees no network address in the page, which asks for
    nothing. The same page printed by the same browser gives the same bytes.

    Raises
    ------
    EvaluationError
        LC711 where there is no browser, LC712 where it made no tagged PDF.
    """
    browser = find_browser()
    with tempfile.TemporaryDirectory(prefix="lifecourse-", ignore_cleanup_errors=True) as folder:
        source, target = Path(folder) / "page.html", Path(folder) / "page.pdf"
        source.write_text(page, encoding="utf-8")
        command = [
            str(browser), *QUIETLY, *_as_root(), f"--user-data-dir={Path(folder) / 'settings'}",
            f"--print-to-pdf={target}", source.as_uri(),
        ]  # fmt: skip
        try:
            subprocess.run(command, capture_output=True, timeout=PATIENCE_SECONDS, check=False)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired):
            raise _no_pdf(browser) from None
        pdf = target.read_bytes() if target.is_file() else b""
    if not is_tagged(pdf):
        raise _no_pdf(browser)
    return settled(pdf)


def _as_root() -> tuple[str, ...]:
    """Chromium refuses to start as root with its sandbox, as in a container; the page has no script to run."""
    return ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()


def _no_pdf(browser: Path) -> EvaluationError:
    return EvaluationError(
        "LC712",
        f"{browser.name} made no tagged PDF of the report",
        f"Close its open windows or bring it up to date, or name another in {VARIABLE}. Word needs none: --to word.",
    )
