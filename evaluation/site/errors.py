"""Codes of the evidence site (LC735 to LC749)."""

from __future__ import annotations

from workspace.errors import declare

REBUILD = "Build it again: lifecourse site build."

declare(
    {
        "LC735": (
            "An evaluation lacks its finding",
            "A site is not built while an evaluation that is due has no finding. Leaving one out would show good "
            "results and hide the others.",
            "Run it, good or bad: lifecourse evaluate run PLAN.",
        ),
        "LC736": (
            "A finding cannot be shown",
            "The finding is in the register, but its file is missing or was changed, or the version that ran it kept "
            "too little to make a page of.",
            "Restore the file from git or a backup, or run the plan again: lifecourse evaluate run PLAN.",
        ),
        "LC737": (
            "A plan is hidden",
            "A plan that was locked must be on the site. Its file is gone, or its lock is no longer in the register.",
            "Restore plans/ and the store from git or a backup; lifecourse finding list shows the register.",
        ),
        "LC738": (
            "The folder cannot hold the site",
            "The site takes the whole folder for its pages. The folder holds the project, or a file that is no page of "
            "a site and has the name of one.",
            "Name another folder: lifecourse site build --out FOLDER.",
        ),
        "LC739": (
            "There is no site here",
            "A site is a folder with index.html and site.json.",
            "Build it first: lifecourse site build.",
        ),
        "LC740": (
            "A link leads nowhere",
            "The page or the place on it that a link names is not there.",
            REBUILD,
        ),
        "LC741": (
            "A page asks for something from outside",
            "The site works without scripts and without the internet, so that nobody learns who reads it.",
            f"Take the script or the address out. {REBUILD}",
        ),
        "LC742": (
            "A page is not built as pages should be",
            "Somebody who hears the page instead of seeing it needs its language, a title, one main heading, no "
            "heading level left out, and a main part.",
            REBUILD,
        ),
        "LC743": (
            "A table cannot be read aloud",
            "A table needs a caption, headings that say what they head, and a frame that the keyboard reaches when it "
            "is wider than the window.",
            REBUILD,
        ),
        "LC744": ("An id is given twice", "Two things on one page have the same id.", REBUILD),
        "LC745": (
            "A drawing cannot be read without seeing it",
            "A drawing needs a title, no style class inside, and a table after it with the same numbers.",
            REBUILD,
        ),
        "LC746": (
            "A colour is too faint",
            "Text needs a contrast of 4.5 to 1 with its ground, lines and signs 3 to 1.",
            "Use the colours of the palette.",
        ),
        "LC747": (
            "One number is told in two ways",
            "The page, the full report and the data file of a finding must give the same numbers.",
            f"Find out which was changed by hand. {REBUILD}",
        ),
        "LC748": (
            "The words claim too much",
            "A sentence says more than the results bear. lifecourse evidence claims names the rule.",
            "Change the words where they were written (theory, plan, action, claim), and build again.",
        ),
        "LC749": (
            "A page is not as it was built",
            "A file was changed, added or lost since the site was built.",
            REBUILD,
        ),
    }
)
