"""Codes of replication packs (LC750 to LC759)."""

from __future__ import annotations

from workspace.errors import declare

declare(
    {
        "LC750": (
            "A replication pack of an evaluation that is not there",
            "A pack holds the plan and the numbers of a kept result; no result of that name is kept.",
            "lifecourse status names the evaluations. In file mode give the plan's file and --data FILE.",
        ),
        "LC751": (
            "A replication pack of a plan that was not locked",
            "A pack hands over what was planned before the result was seen. This run was made outside a lock, so "
            "there is no such plan to hand over.",
            "Lock the plan, run it, and make the pack of that run.",
        ),
        "LC752": (
            "A method without a replication script",
            "Scripts in R are written for the methods listed in the reference of replication packs. For this one "
            "there is none, and a pack without it would promise what it does not hold.",
            "Hand over the plan and the result's JSON; docs/reference/replication.md lists the methods.",
        ),
        "LC753": (
            "No outcome of the plan can be repeated in R",
            "Every outcome uses a setting for which no script is written, so R would print no number at all.",
            "docs/reference/replication.md says which settings are repeated, and why others are not.",
        ),
        "LC754": (
            "The kind of data asked for does not go with the way the pack is made",
            "--data is synthetic or permitted for an evaluation of the project, and a file in file mode.",
            "lifecourse report replication EVAL-001 --out FOLDER --data synthetic; or PLAN.toml --data FILE.",
        ),
        "LC755": (
            "The folder for a replication pack holds something already",
            "A pack is never written over another: whoever has the first could not tell which of the two they hold.",
            "Name a new folder.",
        ),
        "LC756": (
            "People's rows leave in a pack only as a row release",
            "A pack with people's rows is a row release: the agreements must name the safe setting, the register gets "
            "an entry, and the file lies outside the project, encrypted unless a reason is given. So it has to be said "
            "who receives it, and where.",
            "Add --to SETTING --recipient NAME --recipient-key age1… (or --plain-file --reason …); or take --data "
            "synthetic.",
        ),
        "LC757": (
            "The data of this evaluation are not one row a person",
            "Synthetic rows are made, and people's rows released, one a person of a cohort. Area series, waves of a "
            "panel and events drawn from lives have no such rows.",
            "Make the pack in file mode from a table that may be handed over.",
        ),
        "LC758": (
            "The synthetic data give no estimate",
            "A pack needs numbers to be held against. On the synthetic data the method found none, for instance "
            "because an arm is empty or a matched comparison finds nobody.",
            "Make the pack in file mode from a table that may be handed over.",
        ),
    }
)
