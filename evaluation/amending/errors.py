"""Errors of plans after their lock (LC500 to LC509)."""

from __future__ import annotations

from workspace.errors import declare

declare(
    {
        "LC500": (
            "Nothing in the plan has changed",
            "The plan's file says what its last registered version says. Comments and spacing do not count.",
            "Edit the plan's file, then: lifecourse plan amend PLAN --reason; see it first: lifecourse plan diff PLAN.",
        ),
        "LC501": (
            "A change of a locked plan has no reason",
            "Whoever reads the result will ask why the plan was changed. The reason is printed in every report.",
            'Give it in a sentence: lifecourse plan amend PLAN --reason "…".',
        ),
        "LC502": (
            "The plan is not locked, so there is nothing to amend",
            "Until it is locked a plan is a draft, and its file may be edited freely.",
            "lifecourse plan lock PLAN.",
        ),
        "LC503": (
            "There is no such version of the plan",
            "Version 1 is the text that was locked; each amendment or deviation has the next number.",
            "lifecourse plan diff PLAN names the versions.",
        ),
        "LC504": (
            "A version of a plan that this program cannot rebuild",
            "The text in the register was written by another version of the program, with keys this one reads "
            "otherwise, or it was changed in the store by hand and no longer fits its fingerprint. Running it would "
            "run another analysis than the one registered.",
            "Run it with the version of the program that registered it; restore a backup of a changed store.",
        ),
        "LC505": (
            "An amended plan is about other people or areas",
            "A plan of another cohort or other areas is another study. As a version of this one it would hide what was "
            "seen here.",
            "Give it an id of its own: lifecourse plan new ID.",
        ),
        "LC506": (
            "Somebody worked in the project meanwhile",
            "What a lock may claim, and whether a change is an amendment or a deviation, hangs on what could be known "
            "at that moment. Another command wrote to the project while this one was finding out.",
            "Run the command again.",
        ),
        "LC507": (
            "A document of this kind cannot be written",
            "Plans are written as Markdown (.md) or Word (.docx), under the headings of a form that is known.",
            "lifecourse plan export PLAN --as osf --to FILE.docx; the other form is eef.",
        ),
        "LC508": (
            "There is a file of that name already",
            "A document is never written over: it may hold what people added to it.",
            "Choose another name, or move the file away.",
        ),
    }
)
