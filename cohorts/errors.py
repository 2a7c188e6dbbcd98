"""What can be wrong with a source, a partner file or a key. No message holds a cell of a file."""

from __future__ import annotations

from cohorts.codes import areas, following, keys, linkage, redcap, releases, rights, twin
from workspace.errors import LifecourseError, declare
from workspace.toml_source import KeyCodes


class CohortError(LifecourseError):
    """A problem in a source mapping, a partner file, a key or a cohort."""

    exit_code = 11


class RowsWithheld(LifecourseError):  # noqa: N818 - nothing is wrong: the rules of disclosure hold them back
    """Row-level data that may not leave as they are."""

    exit_code = 3


SOURCE_KEYS = KeyCodes("LC801", "LC802", "LC803")
AGREEMENT_KEYS = KeyCodes("LC870", "LC871", "LC872")

_MAPPING = {
    "LC801": (
        "An unknown key in a source file",
        (
            "A file in sources/ or areas/ holds a key the program does not know. A misspelt key would otherwise "
            "be ignored in silence."
        ),
        "Correct the spelling or remove the line.",
    ),
    "LC802": (
        "A key is missing in a source file",
        "A file in sources/ or areas/ lacks something it must say, such as its id, its cohort or a wave.",
        "Add the key at the place named.",
    ),
    "LC803": (
        "A wrong value in a source file",
        (
            "A key in a file in sources/ or areas/ has a value of the wrong kind, one that is not on a fixed "
            "list, or one that contradicts another key."
        ),
        "Give a value of the kind the message names.",
    ),
}

_FILES = {
    "LC810": (
        "The file has columns the source does not know",
        (
            "A column that no key of the source names may hold names, addresses or notes. It is not "
            "read until somebody has decided about it."
        ),
        "Map the column, or add its heading to ignore = […] in the source file.",
    ),
    "LC811": (
        "A column is missing from the file",
        (
            "The source names a column that the file does not have. Headings are compared letter by "
            "letter; blanks around them do not count."
        ),
        "Ask the partner for the column, or correct its heading in the source file.",
    ),
    "LC812": (
        "The file is empty",
        "The file has no bytes, or a heading row and nothing below it.",
        "Ask the partner to send it again.",
    ),
    "LC813": (
        "The file is not the table its name promises",
        (
            "The content does not fit the ending of the file name, is damaged, is in another encoding, "
            "or has columns that hold something other than plain values."
        ),
        "Open it in the program it comes from and save it again in the format named.",
    ),
    "LC814": (
        "A row has more or fewer cells than the heading",
        (
            "One line of the file has a cell too many or too few, or a quotation mark that is never "
            "closed. The cells after it could land in the wrong column, so nothing is read."
        ),
        "Correct the line named. The usual cause is a comma or quotation mark inside an unquoted text.",
    ),
    "LC815": (
        "A heading is blank or stands twice",
        "Each column needs a heading of its own. Without one it cannot be told which column is meant.",
        "Name the columns in the file, or ask the partner to. Was the heading row left out?",
    ),
    "LC816": (
        "There is no such sheet",
        "The workbook has no sheet of that name, or has several and none was named.",
        'Write sheet = "…" with one of the names listed.',
    ),
    "LC817": (
        "This kind of file is not read",
        "Partner files are read as .csv, .csv.gz, .xlsx, .ods (OpenDocument), .parquet, .dta (Stata) or .sav (SPSS).",
        "Save the file in one of these formats.",
    ),
}

_ROWS = {
    "LC818": (
        "The first row looks like data",
        "The first row of a table holds its headings. Here it holds numbers or identifiers, so the heading row "
        "is missing, and showing it would show somebody's row.",
        "Ask the partner for the file with its heading row.",
    ),
    "LC820": (
        "An identifier is missing",
        (
            "A row has no value in an identifier column that is required, or in none of its identifier "
            "columns. Such a row cannot be joined to a person."
        ),
        "Ask the partner for the identifier, or write required = false when another one is there.",
    ),
    "LC821": (
        "An identifier has the wrong form",
        "The value has the wrong length or holds characters this kind of identifier never has.",
        "Look at the rows in the file. A spreadsheet may have rounded long numbers or dropped leading zeros.",
    ),
    "LC822": (
        "The check digit or check letter does not fit",
        (
            "NHS numbers, UPNs and PNC IDs carry a check character. It does not fit the rest, so at "
            "least one character is wrong."
        ),
        "Ask the partner to look the identifier up again.",
    ),
    "LC823": (
        "A placeholder stands where an identifier should be",
        (
            "Values such as all zeros are typed in when the identifier is not known. Taken at their "
            "word they would join different people into one."
        ),
        "List the placeholder under missing = { … } in the source file if the identifier is not required.",
    ),
    "LC824": (
        "Not a date in the declared form",
        (
            "The date is impossible (31 June), or not written in the one form the source declares. "
            "Forms are not guessed: 3/4 and 4/3 would be swapped unnoticed."
        ),
        'Declare dates = "dd/mm/yyyy" or "yyyy-mm-dd", and ask the partner to keep to it.',
    ),
    "LC825": (
        "A date outside 1900 to 2100",
        "The year is not one in which anybody in a cohort was born or seen.",
        "Look at the rows in the file.",
    ),
    "LC826": (
        "Not a number",
        "A variable of kind number holds something else.",
        "Add the code to missing = { … } or recode = { … }, or have the rows corrected.",
    ),
    "LC827": (
        "A value outside its bounds",
        "The value lies below the minimum or above the maximum the source gives for this variable.",
        "Have the rows corrected, or correct the bounds if they are wrong.",
    ),
    "LC828": (
        "Neither yes nor no",
        "A variable of kind binary takes 1, 0, yes and no; anything else needs a recode or missing code.",
        "Add the code to recode = { … } or missing = { … }.",
    ),
    "LC829": (
        "A category that is not on the list",
        "The source lists the categories of this variable, and the value is none of them.",
        "Add the category to codes = […], or recode it.",
    ),
    "LC830": (
        "An unknown wave",
        "The wave column holds a value that waves = { … } does not translate, or none at all.",
        "Add the value to waves = { … } in the source file.",
    ),
    "LC831": (
        "The index date is missing",
        "People join the cohort on their index date, so each row of an enrolling source needs one.",
        "Ask the partner for the date.",
    ),
    "LC832": (
        "One person has two identifiers of the same kind",
        (
            "Rows that share one identifier differ in another. Either two people were given the same "
            "identifier or one has two. The program does not guess."
        ),
        "Ask the partner which rows belong together.",
    ),
    "LC833": (
        "Two different values for one person, variable and wave",
        "Rows of the same person disagree. Which one is right cannot be told from the file.",
        "Ask the partner, or give each row its own wave with wave_column.",
    ),
    "LC834": (
        "The same row stands more than once",
        "Rows that agree in every column read are counted once.",
        "Nothing has to be done; tell the partner if there are many.",
    ),
    "LC835": (
        "A person has two index dates",
        "Rows of one person give different dates for the day everything is counted from.",
        "Ask the partner which one is right. Two spells of one person belong in two cohorts or files.",
    ),
    "LC836": (
        "A birth date after the index date",
        "The age would be negative.",
        "Have the rows corrected.",
    ),
    "LC837": (
        "Blank rows",
        "Rows without any value were left out, as spreadsheets often carry some.",
        "Nothing has to be done.",
    ),
}

_KEYS = {
    "LC840": (
        "There is no pseudonym key",
        "Identifiers become pseudonyms under a secret key of this project. None was found on this computer.",
        "First time: lifecourse key create. Otherwise set LIFECOURSE_KEY_FILE to where the key is kept.",
    ),
    "LC841": (
        "The key lies where others can get it",
        (
            "The key must be kept apart from the data: not inside the project folder, and not in a "
            "folder that is copied to a cloud service."
        ),
        "Move the key file and set LIFECOURSE_KEY_FILE to its new place.",
    ),
    "LC842": (
        "This key belongs to another project",
        "Pseudonyms made under another key would not match those already held.",
        "Set LIFECOURSE_KEY_FILE to the key of this project.",
    ),
    "LC843": (
        "The key file is damaged",
        "The file cannot be read as a Lifecourse key, or its secret does not fit its key id.",
        "Restore the key file from its safe copy.",
    ),
    "LC844": (
        "There is a key already",
        "A new key would make the pseudonyms already held useless, so an existing one is never overwritten.",
        "Keep using it. lifecourse key status shows what it is.",
    ),
}

_COHORTS = {
    "LC850": (
        "No such cohort",
        "No cohort of that name is defined in this project.",
        "See: lifecourse cohort list.",
    ),
    "LC851": ("The cohort exists already", "A cohort of that name is there.", "Choose another name."),
    "LC852": (
        "No such template",
        "Cohorts start from one of the built-in templates.",
        "Use early-years, school or prison-leavers.",
    ),
    "LC853": (
        "No such wave",
        "The source names a wave that the cohort does not have.",
        "See the waves with lifecourse cohort show, and correct the name.",
    ),
    "LC854": (
        "No such source",
        "There is no file of that name in sources/.",
        "See: lifecourse source list. Make one: lifecourse source add.",
    ),
    "LC855": (
        "The source exists already",
        "A file of that name is in sources/.",
        "Edit it, or choose another id.",
    ),
    "LC858": (
        "Values differ from those already held",
        "The file gives other values for people, variables and waves that are in the database.",
        "If the new file is the better one, load it again with --replace.",
    ),
    "LC859": (
        "Outcomes are sealed",
        "Outcomes were loaded sealed and cannot be read before a plan that uses them is locked.",
        "Lock the plan: lifecourse plan lock.",
    ),
    "LC860": (
        "A variable has another kind than before",
        "The source declares a variable with another kind than the one already held under that name.",
        "Give it the same kind, or another name.",
    ),
    "LC861": (
        "This variable is no arm",
        "Follow-up by arm needs a variable of the cohort that is binary, at one wave at which it was loaded.",
        "Name such a variable, as NAME or NAME@WAVE: lifecourse cohort show COHORT lists them.",
    ),
}

_AGREEMENTS = {
    "LC870": (
        "An unknown key in an agreement",
        "A file in agreements/ holds a key the program does not know. A misspelt key would otherwise be ignored.",
        "Correct the spelling or remove the line.",
    ),
    "LC871": (
        "A key is missing in an agreement",
        "A file in agreements/ lacks something an agreement must say, such as its purpose or when it expires.",
        "Add the key at the place named.",
    ),
    "LC872": (
        "A wrong value in an agreement",
        "A key in a file in agreements/ has a value of the wrong kind, one that is not on a fixed list, or one "
        "that is less strict than the project.",
        "Give a value of the kind the message names.",
    ),
    "LC873": (
        "No such agreement",
        "A source, or data that were loaded, name an agreement of which there is no file in agreements/, or one "
        "that cannot be read.",
        "See: lifecourse agreement list. Make one: lifecourse agreement add.",
    ),
    "LC874": (
        "An agreement is not in force",
        "It is not signed, has not started, is suspended, or its last day is over. Nothing is loaded under it, and "
        "nothing that was loaded under it is counted, linked or analysed, unless it allows use for longer "
        "(use_until) or an agreement in force supersedes it.",
        "Renew it with the partner, then correct the file in agreements/.",
    ),
    "LC875": (
        "The agreement does not cover this",
        "The source is not among the sources of the agreement, a field is kept or read that the agreement does "
        "not name, or the data are to be used for a purpose that is not among its purposes.",
        "Remove the field from the source, or agree with the partner and add what is missing to the agreement.",
    ),
    "LC876": (
        "These sources may not be joined",
        "Data of a source are held, or to be read, that the agreement does not allow to be joined with this one.",
        "Feed another cohort, or agree on the linkage and add the source to linkages = […].",
    ),
    "LC877": (
        "A source names no agreement",
        "The project requires an agreement for every source, or an agreement lists a source whose mapping does "
        "not name it and so is not held to it. Where agreements are required, data without one are not used.",
        'Add agreement = "ID" to [source] in the mapping.',
    ),
    "LC878": (
        "The agreement exists already",
        "A file of that name is in agreements/.",
        "Edit it, or choose another id.",
    ),
    "LC879": (
        "The review of an agreement is overdue",
        "The day by which the partners meant to look at the agreement again is over.",
        "Review it with the partner and set a new review_by.",
    ),
}

declare({**_MAPPING, **_FILES, **_ROWS, **_KEYS, **_COHORTS, **_AGREEMENTS})
for _topic in (keys, linkage, rights, following, redcap, twin, releases, areas):
    declare(_topic.CODES)
