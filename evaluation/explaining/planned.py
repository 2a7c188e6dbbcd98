"""What a plan says of delivery, and of a choice on a threshold. Frozen; it imports nothing, for the plan holds it."""

from __future__ import annotations

from dataclasses import dataclass

RIGHT_PEOPLE = 0.80  # share of those reached who must be whom it was meant for, where a plan sets no other


@dataclass(frozen=True, slots=True)
class Delivery:
    """How delivery shows, and what counts as delivered; every name is a column (or a cohort's variable).

    ``enough`` is the dose from which a person counts as having had it, ``reach`` the share of the treated who must
    get that much, ``planned`` the dose that was meant. ``similar_help`` is 0 or 1, or a dose, of like help from
    elsewhere; ``right_people`` 1 for whom the programme was meant for.
    """

    dose: str = ""
    planned: float | None = None
    enough: float | None = None
    reach: float | None = None
    fidelity: str = ""
    fidelity_at_least: float | None = None
    similar_help: str = ""
    right_people: str = ""
    right_people_at_least: float = RIGHT_PEOPLE

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads, each once."""
        named = (self.dose, self.fidelity, self.similar_help, self.right_people)
        return tuple(dict.fromkeys(name for name in named if name))


@dataclass(frozen=True, slots=True)
class Selection:
    """A choice on a threshold of ``on``: at or above it, or at or below; and what says how far people come back.

    ``retest`` is the correlation of two readings of one person with no programme between them (``None``: taken from the
    comparison); ``norm_mean`` and ``norm_sd`` are those of everybody, chosen or not.
    """

    on: str
    threshold: float
    above: bool
    retest: float | None = None
    norm_mean: float | None = None
    norm_sd: float | None = None
