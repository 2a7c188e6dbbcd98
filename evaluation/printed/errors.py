"""Errors of reports in other forms than HTML (LC710 to LC713)."""

from __future__ import annotations

from workspace.errors import declare

declare(
    {
        "LC710": (
            "A form of report that is not made",
            "A report is made as HTML, as Word or as PDF, or as all three.",
            "Ask for --to html, --to word, --to pdf or --to all.",
        ),
        "LC711": (
            "No browser to print a PDF with",
            "A PDF is the report's own page, printed by a browser on this machine: Chromium, Google Chrome or "
            "Microsoft Edge. None was found where they are usually installed.",
            "Install one of the three, or name its program in LIFECOURSE_BROWSER. Word needs none: --to word.",
        ),
        "LC712": (
            "The browser made no PDF",
            "The browser was started and ended without a PDF that is tagged for screen readers, or took too long.",
            "Close its open windows, or bring it up to date, and try again. Word needs none: --to word.",
        ),
        "LC713": (
            "A Word file with nowhere to go",
            "In file mode the report is written to the folder that --out names.",
            "Name the folder: --out DIR",
        ),
    }
)
