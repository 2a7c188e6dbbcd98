"""What only people can write in an impact assessment, by the heading under which it stands (pure)."""

from __future__ import annotations

from collections.abc import Mapping

FILL = "To fill in:"
PARTS: Mapping[str, tuple[str, ...]] = {
    "Step 1: The need for an assessment": (
        "what the partnership wants to achieve, in its own words, and why it needs data about people for it",
        "who asked for this assessment, and when it was decided that one is needed",
    ),
    "Step 2: The processing: its nature": (
        "where the machine stands, who looks after it, whether its disk is encrypted, who may log in",
        "who holds which key, and who holds the escrow",
        "how partners' files travel to the hub, and when they are deleted from the inbox",
    ),
    "Step 2: The processing: its scope": (
        "the area, the years, how often data come, and how long all of it goes on",
    ),
    "Step 2: The processing: its context": (
        "what people were told, by whom, and what they would expect",
        "what the partnership's relation to them is, and how much say they have",
        "concerns that were raised before, codes of conduct, the state of the art",
        "special category data in the variables: health, ethnicity, religion, sexual life; the program cannot tell",
    ),
    "Step 3: Consultation": (
        "how and when those concerned, or those who speak for them, were asked; or why not",
        "who else was asked: the data protection officer, processors, the partners' officers, the Caldicott guardian",
        "what they said, and what was changed",
    ),
    "Step 4: Lawful basis, agreements, retention": (
        "the condition under Article 9, and under Article 10 with Schedule 1 to the Data Protection Act 2018; whether "
        "any partner holds its data under Part 3 of the Act, and who decided that they may be used for this purpose",
        "the appropriate policy document, where Schedule 1 asks for one",
        "the confidentiality position of health data (common law, section 251, national data opt-out)",
        "who are controllers, joint controllers and processors; international transfers",
        "why less data, or data without persons, would not do",
        "when everything is deleted, and who sees to it",
    ),
    "Step 4: The rights of people": (
        "where people turn to, and who answers within the month",
        "which exemption for research and statistics is relied on for which right, and why; case by case",
    ),
    "Step 5: The risks": (
        "for each risk how likely it is, how bad it would be, and what that makes it overall",
    ),
    "Step 6: What stands against them": (
        "for each risk whether the measure does away with it, lessens it or whether it is accepted, and who agreed",
    ),
    "Step 7: Sign-off": (
        "measures approved by, and on which day",
        "what is left over accepted by, and on which day; a high risk that is left goes to the ICO before processing",
        "advice of the data protection officer, and who accepted or overruled it, with reasons",
        "who keeps this assessment under review, and when it is looked at next",
    ),
}
