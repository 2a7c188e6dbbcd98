"""The check finds every fault it names, and none on a site as it was built."""

from __future__ import annotations

import hashlib
import json
from functools import cache

import pytest

from evaluation.claims.language import built_in
from evaluation.reporting.signs import COLOURS, INK, PAPER, QUIET
from evaluation.site.checking import check_site
from evaluation.site.colour_rules import TEXT, ratio
from tests.evaluation.site.site_samples import LIST, files
from workspace.errors import Fault

MODEL = "model.html"
FILES = files()
FINDING, REPORT, DATA, HOME = (
    "findings/EVAL-001.html",
    "reports/EVAL-001.html",
    "data/EVAL-001.json",
    "index.html",
)


def faults_of(made: dict[str, bytes], prints: dict[str, str] | None = None) -> tuple[Fault, ...]:
    """The faults; as if the site had been built so, where no fingerprints are given."""
    if prints is None:
        prints = {name: hashlib.sha256(data).hexdigest() for name, data in made.items()}
    return check_site(made, prints, built_in())


@cache
def known_faults(name: str) -> frozenset[Fault]:
    """What is wrong with a few files because the others are not there."""
    return frozenset(faults_of(few(name)))


def changed(name: str, old: str, new: str, *, count: int = 1) -> dict[str, bytes]:
    text = FILES[name].decode("utf-8")
    assert old in text, f"{name} does not hold {old}"
    return {name: text.replace(old, new, count).encode("utf-8")}


def few(name: str, *more: str) -> dict[str, bytes]:
    """Some files, so that a check is quick: links to the others are beside the point."""
    return {one: FILES[one] for one in (name, HOME, FINDING, REPORT, DATA, "style.css", *more)}


def test_a_site_as_it_was_built_has_no_fault() -> None:
    assert check_site(FILES, json.loads(FILES[LIST])["files"], built_in()) == ()


SENTENCE = "2.9 to 15.9 fewer in every 100.</p>"
# what is wrong: the code and file that are named, the file that is changed, what stood there, what stands there now
FAULTS: dict[str, tuple[str, str, str, str, str]] = {
    "a link to nowhere": ("LC740", "about.html", "about.html", 'href="map.html"', 'href="mop.html"'),
    "a place that is not there": ("LC740", HOME, HOME, 'href="#main"', 'href="#mein"'),
    "a script": ("LC741", HOME, HOME, "</main>", "<script>1</script></main>"),
    "a picture from outside": ("LC741", HOME, HOME, "</main>", '<img src="https://a.b/c.png"></main>'),
    "a style from outside": ("LC741", "style.css", "style.css", "body {", "@import 'x.css'; body {"),
    "a click that runs something": ("LC741", HOME, HOME, "<h1>", '<h1 onclick="x()">'),
    "no language": ("LC742", HOME, HOME, ' lang="en-GB"', ""),
    "two main headings": ("LC742", HOME, HOME, "</h1>", "</h1><h1>Again</h1>"),
    "a heading level left out": ("LC742", HOME, HOME, "</h1>", "</h1><h4>Deep</h4>"),
    "words outside the landmarks": ("LC742", HOME, HOME, "<footer", "<p>x</p><footer"),
    "a table without a caption": ("LC743", HOME, HOME, "<caption>", "<div>"),
    "a heading without a scope": ("LC743", HOME, HOME, ' scope="col"', ""),
    "a table the keyboard cannot reach": ("LC743", HOME, HOME, ' tabindex="0"', ""),
    "an id given twice": ("LC744", HOME, HOME, 'id="harms"', 'id="all"'),
    "a drawing styled by class": ("LC745", FINDING, FINDING, "<svg ", '<svg class="x" '),
    "a drawing without a title": ("LC745", FINDING, FINDING, "<title id", "<desc id"),
    "a drawing of another number": ("LC745", FINDING, FINDING, ">40 in 100 people", ">41 in 100 people"),
    "a key that counts wrongly": (
        "LC745",
        MODEL,
        MODEL,
        ">tested: works (1)</text>",
        ">tested: works (2)</text>",
    ),
    "faint words": ("LC746", "style.css", "style.css", "color: #505a5f", "color: #a0a5a8"),
    "a number changed on the page": ("LC747", FINDING, FINDING, "−9.4 (", "−9.9 ("),
    "a sentence changed on the page": ("LC747", FINDING, FINDING, SENTENCE, SENTENCE.replace("2.9", "5.9")),
    "a number changed in the report": ("LC747", FINDING, REPORT, "−9.4 (", "−9.9 ("),
    "a number changed in the data": ("LC747", FINDING, DATA, '"value": -0.094', '"value": -0.098'),
    "a number changed on the first page": ("LC747", HOME, HOME, "−9.4 (", "−9.1 ("),
    "a claim too large": ("LC748", "actions.html", "actions.html", "Agree data", "The course had no effect"),
}
EVERYWHERE = {"a number changed in the report", "a number changed on the first page"}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_check_names_the_file_and_the_rule(fault: str) -> None:
    code, name, where, old, new = FAULTS[fault]
    after = few(name) | changed(where, old, new, count=99 if fault in EVERYWHERE else 1)
    fresh = set(faults_of(after)) - known_faults(name)
    assert (code, name) in {(one.code, one.where.split(":")[0].split(",")[0]) for one in fresh}


def by_hand(made: dict[str, bytes]) -> set[tuple[str, str]]:
    small = {name: data for name, data in made.items() if "/" not in name}
    prints = {name: sha for name, sha in json.loads(FILES[LIST])["files"].items() if "/" not in name}
    return {(fault.code, fault.where) for fault in faults_of(small, prints)}


@pytest.mark.parametrize(
    "hand",
    [
        {HOME: FILES[HOME] + b" "},
        {"extra.html": FILES[HOME]},
        {"about.html": b""},
    ],
    ids=["changed", "added", "emptied"],
)
def test_a_page_changed_by_hand_is_seen(hand: dict[str, bytes]) -> None:
    assert ("LC749", next(iter(hand))) in by_hand(FILES | hand)


def test_a_page_that_is_gone_is_seen() -> None:
    left = {name: data for name, data in FILES.items() if name != "voice.html"}
    assert ("LC749", "voice.html") in by_hand(left)


def test_contrast_is_that_of_the_standard() -> None:
    # WCAG 2.2: black on white is 21 to 1; #767676 is the lightest grey of 4.5 to 1 (4.54)
    assert ratio("#000000", "#ffffff") == pytest.approx(21.0)
    assert ratio("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert all(ratio(colour, PAPER) >= TEXT for colour in (*COLOURS.values(), INK, QUIET))
