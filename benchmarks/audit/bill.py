"""A software bill of materials in the form of CycloneDX 1.6 (JSON)."""

from __future__ import annotations

import json
from collections.abc import Sequence

from benchmarks.audit.distributions import Package, plain


def bill(packages: Sequence[Package], version: str) -> str:
    """The same packages give the same text: no time and no serial number is in it."""
    components = [_component(one) for one in packages]
    whole = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "lifecourse",
                "name": "lifecourse",
                "version": version,
                "licenses": [{"license": {"id": "MIT"}}],
            }
        },
        "components": components,
        "dependencies": [{"ref": "lifecourse", "dependsOn": [str(one["bom-ref"]) for one in components]}],
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _component(one: Package) -> dict[str, object]:
    url = f"pkg:pypi/{plain(one.name)}@{one.pinned}"
    found: dict[str, object] = {
        "type": "library",
        "bom-ref": url,
        "name": one.name,
        "version": one.pinned,
        "purl": url,
        "scope": "required" if one.part == "program" else "optional" if one.part != "dev" else "excluded",
    }
    if one.licence:
        found["licenses"] = [{"license": {"name": one.licence}}]
    return found
