"""What only people can write in an impact assessment, by the heading under which it stands (pure)."""

from __future__ import annotations

from collections.abc import Mapping

FILL = "To fill in:"
PARTS: Mapping[str, tuple[str, ...]] = {
    "The need for an assessment (step 1)": (
        "what the partnership wants to achieve, in its own words, and why it needs data about people for it",
        "who asked for this assessment, and when it was decided that one is needed",
    ),
    "The processing: its nature (step 2)": (
        "where the machine stands, who looks after it, whether its disk is encrypted, who may log in",
        "who holds which key, and who holds the escrow",
        "how partners' files travel to the hub, and when they are deleted from the inbox",
    ),
    "The processing: its scope (step 2)": (
        "the area, the years, how often data come, and how long all of it goes on",
    ),
    "The processing: its context (step 2)": (
        "what people were told, by whom, and what they would expect",
        "what the partnership's relation to them is, and how much say they have",
        "concerns that were raised before, codes of conduct, the state of the art",
        "special category data in the variables: health, ethnicity, religion, sexual life; the program cannot tell",
    ),
    "Consultation (step 3)": (
        "how and when those concerned, or those who speak for them, were asked; or why not",
        "who else was asked: the data protection officer, processors, the partners' officers, the Caldicott guardian",
        "what they said, and what was changed",
    ),
    "Lawful basis, agreements, retention (step 4)": (
        "the condition under Article 9, and under Article 10 with Schedule 1 to the Data Protection Act 2018; whether "
        "any partner holds its data under Part 3 of the Act, and who decided that they may be used for this purpose",
        "the appropriate policy document, where Schedule 1 asks for one",
        "the confidentiality position of health data (common law, section 251, national data opt-out)",
        "who are controllers, joint controllers and processors; international transfers",
        "why less data, or data without persons, would not do",
        "when everything is deleted, and who sees to it",
    ),
    "The rights of people (step 4)": (
        "where people turn to, and who answers within the month",
        "which exemption for research and statistics is relied on for which right, and why; case by case",
    ),
    "The risks (step 5)": (
        "for each risk how likely it is, how bad it would be, and what that makes it overall",
    ),
    "What stands against them (step 6)": (
        "for each risk whether the measure does away with it, lessens it or whether it is accepted, and who agreed",
    ),
    "Sign-off (step 7)": (
        "measures approved by, and on which day",
        "what is left over accepted by, and on which day; a high risk that is left goes to the ICO before processing",
        "advice of the data protection officer, and who accepted or overruled it, with reasons",
        "who keeps this assessment under review, and when it is looked at next",
    ),
}
