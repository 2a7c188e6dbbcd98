"""The evidence of an attack as Markdown, HTML and JSON, for a data-protection assessment (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

from cohorts.attacks.model import Trial

WORDS = {"pass": "held", "fail": "BROKEN", "not-applicable": "not tried"}
LAW = (
    "Carried out on the partnership's own data under the authority named, as section 172 of the Data Protection Act "
    "2018 asks of those who test whether pseudonymisation holds. Counts of few are withheld; no value, identifier or "
    "token is in this report."
)
_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse}"
    "td,th{border:1px solid #767676;padding:.3rem .6rem;text-align:left;vertical-align:top}.fail{font-weight:bold}"
)


@dataclass(frozen=True, slots=True)
class Assault:
    """All attacks of one run."""

    project: str
    authority: str
    at: str
    version: str
    quick: bool
    trials: tuple[Trial, ...]

    @property
    def broken(self) -> tuple[Trial, ...]:
        """The attacks that succeeded."""
        return tuple(trial for trial in self.trials if trial.verdict == "fail")


def payload_of(assault: Assault) -> dict[str, Any]:
    """Everything as plain data."""
    return {
        "project": assault.project,
        "authority": assault.authority,
        "at": assault.at,
        "lifecourse": assault.version,
        "quick": assault.quick,
        "note": LAW,
        "broken": [trial.name for trial in assault.broken],
        "attacks": [asdict(trial) | {"found": list(trial.found)} for trial in assault.trials],
    }


def _parts(trial: Trial) -> Iterator[tuple[str, str]]:
    yield "Who could try it", trial.knowledge
    yield "What was tried", trial.tried
    yield "What defends", trial.defence
    if trial.limits:
        yield "Limits", trial.limits


def _head(assault: Assault) -> list[str]:
    depth = "quick: smaller slices, fewer commands" if assault.quick else "full"
    return [
        f"Authority: {assault.authority}",
        f"When (UTC): {assault.at}",
        f"Program: lifecourse {assault.version}",
        f"Depth: {depth}",
        f"Outcome: {len(assault.broken)} of {len(assault.trials)} attacks succeeded",
    ]


def markdown(assault: Assault) -> str:
    """The report as Markdown."""
    lines = [f"# Attack on the own store: {assault.project}", "", LAW, ""]
    lines += [f"- {line}" for line in _head(assault)]
    lines += ["", "| Attack | Defence | Found |", "|---|---|---|"]
    lines += [
        f"| {t.title} | {WORDS[t.verdict]} | {_cell(t.found[0] if t.found else '')} |" for t in assault.trials
    ]
    for trial in assault.trials:
        lines += ["", f"## {trial.title}: {WORDS[trial.verdict]}", ""]
        lines += [f"{name}: {text}\n" for name, text in _parts(trial)]
        lines += ["Found:", "", *(f"- {line}" for line in trial.found or ("nothing was tried",))]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def html_page(assault: Assault) -> str:
    """The report as one HTML file."""
    title = escape(f"Attack on the own store: {assault.project}")
    rows = "".join(
        f'<tr class="{t.verdict}"><td>{escape(t.title)}</td><td>{WORDS[t.verdict]}</td>'
        f"<td>{escape(t.found[0] if t.found else '')}</td></tr>"
        for t in assault.trials
    )
    sections = "".join(_section(trial) for trial in assault.trials)
    head = "".join(f"<li>{escape(line)}</li>" for line in _head(assault))
    return (
        f'<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body><main><h1>{title}</h1>'
        f"<p>{escape(LAW)}</p><ul>{head}</ul><table><caption>Attacks and what came of them</caption><thead><tr>"
        '<th scope="col">Attack</th><th scope="col">Defence</th><th scope="col">Found</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>{sections}</main></body></html>\n"
    )


def _section(trial: Trial) -> str:
    parts = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in _parts(trial))
    found = "".join(f"<li>{escape(line)}</li>" for line in trial.found or ("nothing was tried",))
    heading = escape(f"{trial.title}: {WORDS[trial.verdict]}")
    return f"<section><h2>{heading}</h2><dl>{parts}</dl><p>Found:</p><ul>{found}</ul></section>"
