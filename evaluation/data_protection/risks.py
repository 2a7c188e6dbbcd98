"""The threats that the threat model names, with what stands against each and what is left (pure).

``docs/explanation/threat-model.md`` says the same at length; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Risk:
    """One threat: who could do it, what it would do to people, what stands against it, how it was tried, what is left.

    ``attacks`` names attacks of ``lifecourse attack`` that try it on this project.
    """

    id: str
    threat: str
    actor: str
    harm: str
    measures: str
    attacks: tuple[str, ...]
    left: str


RISKS = (
    Risk("T1", "The database or the whole folder is stolen", "thief of a laptop or of the hub",
         "everybody whose identifier the thief knows could be found, with what is held of them",
         "Identifiers are tokens under a secret key; they stand under a second; both keys lie outside the project.",
         ("brute-force", "stolen-store", "frequency", "composite-keys", "vault"),
         "Whoever takes both keys with the store finds everybody they look for. Values themselves are not encrypted: "
         "the disk must be."),
    Risk("T2", "Somebody with access looks up one person", "curious analyst",
         "one person's record is read by somebody who knows them",
         "No command reads a person; counts of few are withheld; every look is in the audit log.",
         ("insider",),
         "Whoever may open the database file reads all of it with other programs, and leaves no entry."),
    Risk("T3", "Small counts are worked out from tables", "motivated intruder, journalist with releases",
         "somebody learns that one person of a small group was arrested, excluded or hurt",
         "Small counts withheld, all others rounded, each table attacked by linear programming before it leaves.",
         ("margins", "reconstruction"),
         "Counts of ten or more can be narrowed by many tables of the same people."),
    Risk("T4", "Two releases are subtracted from one another", "journalist with releases, motivated intruder",
         "what is known of the few who came or went between two releases is known of each",
         "A ledger of all that is out; a release a few people apart from an earlier one is refused.",
         ("differencing", "joint"),
         "The ledger does not know what other teams release, nor what was copied from a screen."),
    Risk("T5", "Rows are joined with other lists", "partner insider, recipient of rows",
         "people are found again by their days, places and ages",
         "Rows leave only to a named safe setting under an agreement, with pseudonyms of their own, after a count of "
         "who is alone with their facts.",
         ("row-linkage", "release-pseudonyms"),
         "Two events by their days tell about four people in five apart (made-up people). The safe setting's rules "
         "stand in the way, not ours."),
    Risk("T6", "A synthetic twin gives people away", "anybody who holds the twin",
         "somebody learns that a person is in the cohort",
         "A twin is drawn from summaries that each stand for enough people; no row of a person goes in.",
         ("twins",),
         "Remembered rows are looked for; leanings smaller than the test can see are not."),
    Risk("T7", "Coefficients and models give outcomes back", "motivated intruder who knows the covariates",
         "the outcome of a person is inferred",
         "Models with few residual degrees of freedom are refused.",
         ("small-models",),
         "Coefficients are published in full: somebody who knows everything of everybody but one answer learns it. "
         "Many covariates on few people lean far towards each one's outcome even where the rule is met."),
    Risk("T8", "People are named by a file, a log or an error", "whoever sees a screen, a log, a report",
         "names, numbers or birth dates come out of the project",
         "Messages name row and rule; the last look at the bytes of every file; no identifier is a word of a command.",
         ("traces", "canaries", "surroundings", "formulas"),
         "Short surnames and free text without a pattern are not looked for. Files made by hand do not pass the door."),
    Risk("T9", "Somebody who was erased is still there", "thief of an old disk or backup",
         "a promise to a person is broken",
         "Rows are overwritten, every token gets a new seal, everybody's rows in backups are under a key of their own.",
         ("residue", "backups"),
         "Snapshots of file systems, worn cells of flash disks and copies made by hand are not reached."),
    Risk("T10", "Two identities are joined that must stay apart", "somebody who knows one of two identities",
         "an adopted or protected child is found by those they are protected from",
         "A register of pairs that are never joined, looked at before any linkage.",
         ("cannot-link",),
         "Only pairs that somebody entered are protected."),
    Risk("T11", "A partner's file is read on its way", "whoever intercepts it",
         "a whole extract with names comes out",
         "With two keys partners send packs of tokens, encrypted to the hub.",
         ("packs",),
         "With one key the hub reads partner files as they are; how they travel is not the program's doing. Packs are "
         "not signed."),
    Risk("T12", "The officer who holds the keys is coerced or careless", "coerced officer",
         "everybody in the store can be found",
         "Two keys with two parties, escrow among officers, rotation, a mark for a key that may be known.",
         (),
         "Whoever can make the holder of the keys type a command can do what they can do. Nothing in the program "
         "prevents it; the log shows it later, if it is kept elsewhere too."),
    Risk("T13", "Data are used for something else", "the partnership itself",
         "people are watched, sorted or policed by what was given to learn what works",
         "Agreements are enforced when data are read; plans are locked before outcomes; the register cannot forget.",
         (),
         "The program cannot know what people do with what they read."),
    Risk("T14", "Wrong links and missing records make wrong findings", "nobody means it",
         "a service that helps is closed, or one that harms goes on",
         "Linkage quality by group, error carried into the effect, absence of a record is never a nought.",
         (),
         "Groups that are badly recorded are badly linked: look at link quality by group."),
)  # fmt: skip
