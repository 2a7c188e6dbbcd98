"""The values of edited sentences: an edit as the file holds it, and a sentence as it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Under = Literal["can-say", "cannot-say", "next"]
HEADINGS: dict[Under, str] = {
    "can-say": "What you can say",
    "cannot-say": "What you cannot say",
    "next": "What to do next",
}
EDITED = "(Worded by the team.)"  # stands behind every sentence that is not the program's own


@dataclass(frozen=True, slots=True)
class Edit:
    """A sentence of the file of edits. ``generated`` is the program's own, empty where the team added one.

    ``where`` is the file with the line of the text.
    """

    id: str
    under: Under
    generated: str
    text: str
    where: str = ""

    @property
    def changed(self) -> bool:
        """Say whether the team wrote something of its own."""
        return self.text != self.generated


@dataclass(frozen=True, slots=True)
class Shown:
    """A sentence of page one: as the program wrote it and as it is shown."""

    id: str
    under: Under
    generated: str
    text: str

    @property
    def edited(self) -> bool:
        """Say whether the team worded it."""
        return self.text != self.generated

    @property
    def heading(self) -> str:
        """The heading it stands under."""
        return HEADINGS[self.under]

    @property
    def printed(self) -> str:
        """The sentence as a reader sees it: a wording of the team says so."""
        return f"{self.text} {EDITED}" if self.edited else self.text
