"""What the gate says when something may not leave (LC902 to LC910). No message holds a value or a small count."""

from __future__ import annotations

from workspace.errors import LifecourseError, declare


class Kept(LifecourseError):  # noqa: N818 - nothing is wrong: the rules of disclosure keep it in
    """Something that may not leave the store."""

    exit_code = 3


declare(
    {
        "LC902": (
            "The file holds something that may not leave",
            "Every file is looked through before it is written: for numbers of people (NHS, pupil, PNC, CRO, "
            "prison and probation numbers with their check characters), full postcodes, pseudonyms of the store, cells "
            "that a spreadsheet would run, columns of names or free text, and folders of somebody's computer. Nothing "
            "of the verb was written.",
            "Take it out where it came from and make the file again. The message never says what was found.",
        ),
        "LC903": (
            "An output breaks a rule of disclosure",
            "A table, model, series, curve or chart says too much by itself: a small count, a count that was not "
            "rounded, too few degrees of freedom, a total that two people make up, a quantile or step with too few "
            "people, a group with one answer, rows of people.",
            "Put categories or periods together and make it again; docs/explanation/disclosure.md says how.",
        ),
        "LC904": (
            "A withheld count could be worked out",
            "With everything that is shown here and was released before, linear programming bounds a withheld count "
            "more closely than withholding promises.",
            "Put categories together, or leave a total out.",
        ),
        "LC905": (
            "It differs from something released by a few people",
            "Two outputs about nearly the same people tell about the few who are in one of them only. The ledger knows "
            "who stood behind what is out, as sketches under a key, also after somebody was erased.",
            "Use what is out; or put the group that is named together with another and run again; or wait for a later "
            "delivery.",
        ),
        "LC906": (
            "A second person has to look at it first",
            "It cannot be passed by rules alone: it was edited by hand, the gate cannot read it, or it was made by an "
            "older version that kept no record of who stands behind its numbers.",
            "lifecourse release approve NAME --by PERSON",
        ),
        "LC907": (
            "That is no second person",
            "Who ran or built something cannot approve it, and where lifecourse.toml names roles only the people named "
            "there can.",
            "Ask somebody else; name the people who may approve under [roles] in lifecourse.toml.",
        ),
        "LC908": (
            "There is nothing of that name to release",
            "A release names an evaluation, or a file in reports/; a check also a release that lies in public/.",
            "lifecourse finding list names the evaluations.",
        ),
        "LC909": (
            "The file would be written outside its folder",
            "Names of files that leave are paths below one folder, each once.",
            "Give each file a name of its own, without '..' and without a leading slash.",
        ),
        "LC910": (
            "What is out is not as it was released",
            "A manifest in public/ does not fit its seal or the register, or a file beside it is not the one that was "
            "released. The seal is made under a key that is worked out from the project's own.",
            "Find out who changed it; build or release it again. lifecourse release log shows what was released.",
        ),
    }
)
