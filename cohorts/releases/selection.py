"""Which variables at which waves are to leave: what was asked for, or what a plan reads, or all that is open (pure)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from cohorts.errors import CohortError
from cohorts.store import StoredVariable, refuse_sealed
from workspace.errors import did_you_mean

Place = tuple[str, str]
Chosen = list[tuple[StoredVariable, str]]


def choose(
    variables: Mapping[str, StoredVariable], asked: Sequence[str], planned: Collection[Place] | None
) -> Chosen:
    """The variables and waves of a release, in the order asked for.

    ``planned`` is what a locked plan reads, or None without a plan. A name without a wave stands for all its waves.
    With nothing asked for, what the plan reads leaves, or all that is not sealed. What is sealed leaves only where
    the plan reads it (GateNotMet LC859).
    """
    if asked:
        found = [place for text in asked for place in _asked(text, variables)]
    else:
        found = [
            (name, wave)
            for name, v in variables.items()
            for wave in v.waves
            if ((name, wave) in planned if planned is not None else wave not in v.sealed_waves)
        ]
    if not found:
        raise CohortError(
            "LC962", "there is no variable to release", "Load values first, or name others with --variables."
        )
    chosen = [(variables[name], wave) for name, wave in dict.fromkeys(found)]
    refuse_closed(chosen, planned)
    return chosen


def refuse_closed(places: Chosen, planned: Collection[Place] | None) -> None:
    """Refuse what is sealed, but for what a locked plan reads."""
    for variable, wave in places:
        if (variable.name, wave) not in (planned or ()):
            refuse_sealed(variable, wave)


def _asked(text: str, variables: Mapping[str, StoredVariable]) -> list[Place]:
    name, _, wave = text.strip().partition("@")
    variable = variables.get(name)
    if variable is None:
        near = did_you_mean(name, variables)
        raise CohortError(
            "LC962", f"the cohort has no variable '{name}'.{near}", "lifecourse cohort show COHORT"
        )
    if not variable.waves or (wave and wave not in variable.waves):
        seen = ", ".join(variable.waves) or "none"
        at = f" at wave '{wave}'" if wave else ""
        raise CohortError("LC962", f"no values of '{name}'{at} have been loaded", f"It was seen at: {seen}.")
    return [(name, one) for one in ([wave] if wave else variable.waves)]
