"""Templates filled in: the R script, the Python script and the README of a pack (pure)."""

from __future__ import annotations

from typing import Any

from evaluation.replication.quoting import r_literal, remark, toml_literal


def render(template: str, facts: dict[str, Any]) -> str:
    """One template, filled. Names and texts pass only through ``r`` (R), ``remark`` (comments) or ``md`` (Markdown)."""
    return str(_environment().get_template(template).render(facts))


def fixed(template: str) -> str:
    """A file that is the same in every pack, as it stands."""
    environment = _environment()
    return str(environment.loader.get_source(environment, template)[0])


def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("evaluation.replication", "templates"),
        autoescape=False,  # noqa: S701 - no HTML; what is filled in is quoted by the filters below
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "r": r_literal,
        "remark": remark,
        "toml": toml_literal,
        "md": _markdown,
        "py": repr,
    }
    return environment


def _markdown(text: object) -> str:
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in remark(text))
