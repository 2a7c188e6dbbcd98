"""Codes of the data-protection impact assessment (LC760 to LC769)."""

from __future__ import annotations

from workspace.errors import declare

CODES = {
    "LC760": (
        "Not the evidence of an attack",
        "The assessment quotes what came of lifecourse attack. The file that was named is not the JSON that it writes.",
        "lifecourse attack --authority WHO --out attack.json, then report dpia --attack attack.json",
    ),
    "LC761": (
        "Evidence of an attack on another project",
        "What held in one project says nothing of another. The evidence names another project than this one.",
        "Run lifecourse attack in this project.",
    ),
}
declare(CODES)
