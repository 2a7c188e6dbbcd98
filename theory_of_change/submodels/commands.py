"""``lifecourse theory partners``."""

from __future__ import annotations

from theory_of_change.store import load_theory
from theory_of_change.submodels.merging import merge, shared_outcomes
from theory_of_change.submodels.partner_store import load_partners
from theory_of_change.views import counted
from workspace.console import present, say
from workspace.project import find_project


def partners() -> None:
    """List the models of partners, the outcomes they share, and where they clash."""
    project = find_project()
    core, models = load_theory(project), load_partners(project)
    shared, merged = shared_outcomes(core, models), merge(core, models)
    payload = {
        "partners": [
            {"name": name, "title": model.title, "boxes": len(model.boxes), "links": len(model.links)}
            for name, model in models.items()
        ],
        "shared": {id_: list(names) for id_, names in shared.items()},
        "clashes": [{"where": f.where, "code": f.code, "problem": f.problem} for f in merged.clashes],
    }

    def view() -> None:
        if not models:
            say("No partner's model yet. Next: lifecourse theory new --partner NAME")
        for name, model in models.items():
            boxes, links = counted(len(model.boxes), "box", "boxes"), counted(len(model.links), "link")
            say(f"{name}  {model.title}: {boxes}, {links}")
        for id_, names in shared.items():
            box = merged.theory.box(id_)
            say(f"  {id_} ({box.text if box else ''}) in {', '.join(names)}")
        for fault in merged.clashes:
            say(str(fault))

    present(payload, view)
