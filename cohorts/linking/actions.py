"""What ``link run`` does: read both files, look up who is known, link, save; all of it or nothing."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
from sqlmodel import Session

from cohorts.agreements.sharing import permit_linkage, shown_profile
from cohorts.agreements.use_gate import permit_use
from cohorts.custody.token_store import (
    add_tokens,
    find_holders,
    known_tokens,
    token_columns,
    tokens_held,
)
from cohorts.errors import CohortError
from cohorts.keys import load_key
from cohorts.linkage import NOBODY, Scorer
from cohorts.linking.agreement_pattern import PATTERN
from cohorts.linking.calibration import WANTED_PRECISION, Calibration
from cohorts.linking.derived import KEY_BYTES
from cohorts.linking.engines import DUCKDB, check_engine
from cohorts.linking.joining import Joined, Known, join_sides
from cohorts.linking.marks import forbidden_pairs, long_marks, mark_of, marks_of
from cohorts.linking.reading import LinkPeople, refuse_pair
from cohorts.linking.residual import frequencies_of, require_engine, score_pairs, share_left_over, train_model
from cohorts.linking.reviews import Question, add_questions, decided
from cohorts.linking.side import LinkSide, make_side, rekeyed_side
from cohorts.linking.sides import Sides, read_sides
from cohorts.linking.store import RunHead, add_events, add_run, latest_run, links_of, load_model, register
from cohorts.local_ids import LOCAL, holders_bound, note_holders
from cohorts.partner_files.mapping import SourceMapping
from cohorts.pseudonyms import PseudonymKey
from cohorts.requests.store import linkage_requests, people_not_to_join
from cohorts.store import StoredCohort, enrolments, find_cohort, load_mapping
from workspace import console
from workspace.audit import record, rounded
from workspace.clock import today
from workspace.database import reading, writing
from workspace.progress import Steps
from workspace.project import Project
from workspace.settings import DisclosureProfile

STEPS = ("read both files", "find who is known", "compare", "save")


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """What was asked for: two sources with their files, and how."""

    cohort: str
    left: tuple[str, Path]
    right: tuple[str, Path]
    keys_only: bool = False
    train: bool = False
    wanted: float = WANTED_PRECISION
    engine: str = DUCKDB


@dataclass(frozen=True, slots=True)
class LinkDone:
    """The outcome of a run. ``run_id`` is empty after a dry run or where nothing was new."""

    run_id: str
    repeated: bool
    people: int
    linked: int
    fresh: int
    not_enrolled: int
    left_out: int
    questions: int
    calibration: Calibration
    profile: DisclosureProfile


@dataclass(frozen=True, slots=True)
class _Ready:
    """Everything that is read before the store is opened for writing."""

    request: LinkRequest
    cohort: StoredCohort
    mappings: tuple[SourceMapping, SourceMapping]
    key: PseudonymKey
    sides: Sides
    model_sha256: str
    run_key: bytes = field(repr=False)

    @property
    def left(self) -> LinkPeople:
        """The people of the first file."""
        return self.sides.left

    @property
    def right(self) -> LinkPeople:
        """The people of the second."""
        return self.sides.right


def run_link(project: Project, request: LinkRequest) -> LinkDone:
    """Link the people of a second source to the participants of a cohort."""
    check_engine(request.engine, keys_only=request.keys_only)
    if not request.keys_only:
        require_engine(request.engine)
    with Steps(STEPS) as steps:
        ready = _prepare(project, request)
        steps.next()
        with writing(project, keep=not console.current().dry_run) as session:
            return _link(session, project, ready, steps)


def _prepare(project: Project, request: LinkRequest) -> _Ready:
    (left, left_sha), (right, right_sha) = (
        load_mapping(project, side[0]) for side in (request.left, request.right)
    )
    with reading(project) as session:
        cohort = find_cohort(session, request.cohort)
        permit_use(session, project, cohort, "linkage", ())
        key = load_key(project)
    refuse_pair(cohort, left, right)
    permit_linkage(project, left, right, today())
    read = read_sides(
        project, ((left, left_sha), (right, right_sha)), (request.left[1], request.right[1]), key
    )
    model = "" if request.keys_only else "trained in the run" if request.train else load_model()[1]
    return _Ready(
        request,
        cohort,
        (left, right),
        key,
        read,
        model,
        secrets.token_bytes(KEY_BYTES),
    )


def _link(session: Session, project: Project, ready: _Ready, steps: Steps) -> LinkDone:
    profile = shown_profile(session, project, ready.cohort.cohort_id)
    barred = _barred(session, ready)
    known, doubled, elsewhere = _known(session, ready)
    if known.left.is_empty():
        raise CohortError(
            "LC884",
            "nobody of the first file is in the cohort",
            f"lifecourse source load {ready.mappings[0].id} FILE",
        )
    settings = _settings(session, ready)
    last = latest_run(session, ready.cohort.cohort_id, ready.mappings[1].id)
    steps.next()
    left = _side(ready.left, ready.run_key).without(barred)
    right = _side(ready.right, ready.run_key).without(elsewhere)
    scorer = None if ready.request.keys_only else _scorer(left, right, ready.request)
    joined = join_sides(left, right, known, scorer, ready.request.wanted)
    steps.next()
    counts = (joined.links.height, int(joined.links["linked"].sum()))
    left_out = ready.left.left_out + ready.right.left_out
    strangers = ready.left.tokens.height - known.left["person"].n_unique() - barred.len()
    if last is not None and json.loads(last.settings) == settings:
        return LinkDone(
            last.run_id, True, *counts, 0, strangers, left_out, 0, joined.outcome.calibration, profile
        )  # fmt: skip
    head = RunHead(
        ready.cohort.cohort_id, ready.mappings[0].id, ready.mappings[1].id, ready.model_sha256, settings,
        joined.outcome.calibration,
    )  # fmt: skip
    run_id, questions = _save(session, ready, head, joined, known, doubled)
    details = {"cohort": ready.cohort.cohort_id, "source": head.source, "linked": rounded(counts[1])}
    if ready.request.engine != DUCKDB:  # not among the settings: it does not decide the outcome
        details |= {"engine": ready.request.engine}
    record(session, "link.run", run_id, details)
    shown = "" if console.current().dry_run else run_id
    fresh = joined.fresh.height
    return LinkDone(
        shown, False, *counts, fresh, strangers, left_out, questions, joined.outcome.calibration, profile
    )  # fmt: skip


def _settings(session: Session, ready: _Ready) -> dict[str, Any]:
    """What decides the outcome: the same settings again change nothing."""
    marks = [
        *(a + b for a, b in register(session).sort("mark", "other_mark").iter_rows()),
        *(
            mark + word.encode()
            for _, mark, word in decided(session).sort("participant_id", "mark").iter_rows()
        ),
    ]
    decisions = hashlib.sha256(b"".join(marks)).hexdigest()
    asked = {
        "keys_only": ready.request.keys_only,
        "train": ready.request.train,
        "wanted": ready.request.wanted,
    }
    enrolled = enrolments(session, ready.cohort.cohort_id).height
    requests = linkage_requests(session)
    return {**ready.sides.files, **asked, "decisions": decisions, "enrolled": enrolled, "requests": requests}


def _barred(session: Session, ready: _Ready) -> pl.Series:
    """The persons of the first file who are such participants: they are not even compared."""
    found = find_holders(session, ready.left.tokens).with_columns(pl.col("person").cast(pl.Int64))
    return found.filter(pl.col("participant_id").is_in(people_not_to_join(session).implode()))[
        "person"
    ].unique()


def _known(session: Session, ready: _Ready) -> tuple[Known, pl.DataFrame, pl.Series]:
    """What the store knows of both files' people; the right ones who fit two; those who are somebody else's."""
    barred = pl.col("participant_id").is_in(people_not_to_join(session).implode())
    enrolled = enrolments(session, ready.cohort.cohort_id).select("participant_id").filter(~barred)
    left = _holders(session, ready.left.tokens, enrolled).filter(pl.col("person").is_unique())
    left = left.sort("person").unique("participant_id", keep="first", maintain_order=True)
    anybody = find_holders(session, ready.right.tokens).with_columns(pl.col("person").cast(pl.Int64))
    right = anybody.join(enrolled, on="participant_id", how="semi").sort("person", "participant_id")
    elsewhere = anybody.join(left, on="participant_id", how="anti")["person"].unique()
    tokens = tokens_held(session, pl.concat([left["participant_id"], right["participant_id"]]).unique())
    marks = marks_of(_people(ready.right), token_columns(ready.right.tokens), ready.key, "review")
    decisions = decided(session).join(marks, on="mark").rename({"person": "right"})
    decisions = decisions.join(left.rename({"person": "left"}), on="participant_id")
    words = {
        word: decisions.filter(pl.col("decision") == word).select("left", "right")
        for word in ("same", "different")
    }
    apart = pl.concat([words["different"], _register_pairs(session, ready, left, right, tokens)]).unique()
    last = latest_run(session, ready.cohort.cohort_id, ready.mappings[1].id)
    before = links_of(session, last.run_id if last else None).filter(~barred)
    doubled = right.filter(pl.col("person").is_duplicated())
    held = _binding(session, tokens, ready)
    return Known(left, right, apart, words["same"].unique(), before, held), doubled, elsewhere


def _binding(session: Session, tokens: pl.DataFrame, ready: _Ready) -> pl.DataFrame:
    """Tokens beside which nobody gets another of the kind. A local id binds only against its own organisation's."""
    bound = holders_bound(session, ready.mappings[1].namespace, tokens["participant_id"].unique())
    theirs = pl.col("participant_id").is_in(bound.implode())
    return tokens.filter((pl.col("kind") != LOCAL) | theirs)


def _holders(session: Session, tokens: pl.DataFrame, enrolled: pl.DataFrame) -> pl.DataFrame:
    found = find_holders(session, tokens).with_columns(pl.col("person").cast(pl.Int64))
    return found.join(enrolled, on="participant_id", how="semi").sort("person", "participant_id")


def _people(side: LinkPeople) -> pl.DataFrame:
    return side.tokens.with_columns(pl.col("person").cast(pl.Int64))


def _register_pairs(
    session: Session, ready: _Ready, left: pl.DataFrame, right: pl.DataFrame, tokens: pl.DataFrame
) -> pl.DataFrame:
    """Pairs that the do-not-link register keeps apart, by any identifier of the files or of the store."""
    listed = register(session)
    if listed.is_empty():
        return NOBODY
    sides = []
    for people, known in ((ready.left, left), (ready.right, right)):
        in_file = marks_of(_people(people), token_columns(people.tokens), ready.key, "forbid")
        in_store = long_marks(known.join(tokens, on="participant_id"), ready.key, "forbid")
        sides.append(pl.concat([in_file, in_store]).unique())
    return forbidden_pairs(sides[0], sides[1], listed)


def _side(people: LinkPeople, run_key: bytes) -> LinkSide:
    make = rekeyed_side if people.hashed else make_side
    identifiers = people.tokens.select(token_columns(people.tokens))
    return make(people.fields, run_key, people.tokens["person"], identifiers)


def _scorer(left: LinkSide, right: LinkSide, request: LinkRequest) -> Scorer:
    frequencies = frequencies_of(left.fields, right.fields)
    smaller = min(left.frame.height, right.frame.height)
    model = (
        train_model(left.fields, right.fields, frequencies, smaller / 2) if request.train else load_model()[0]
    )

    def score(ours: pl.DataFrame, theirs: pl.DataFrame, settled: int) -> pl.DataFrame:
        return score_pairs(ours, theirs, model, frequencies, share_left_over(settled), request.engine)

    return score


def _save(
    session: Session, ready: _Ready, head: RunHead, joined: Joined, known: Known, right: pl.DataFrame
) -> tuple[str, int]:
    """Store the run: links, tokens, history, questions."""
    linked = joined.links.filter(pl.col("right").is_not_null())
    added = _add_tokens(session, ready, linked)
    before = known.before.select("participant_id", pl.col("kinds").alias("old_kinds"))
    links = joined.links.join(added, on="participant_id", how="left").join(
        before, on="participant_id", how="left"
    )
    links = links.with_columns(
        pl.concat_list(pl.col("kinds").fill_null(""), pl.col("old_kinds").fill_null(""))
        .list.eval(pl.element().str.split(",").explode())
        .list.unique()
        .list.sort()
        .list.join(",")
        .str.strip_chars(",")
        .alias("kinds")
    )
    absent = known.before.join(links, on="participant_id", how="anti").filter(pl.col("linked") == 1)
    run_id = add_run(session, head, pl.concat([links.select(absent.columns), absent]))
    events = joined.fresh.select("participant_id", pl.lit(None, pl.Int64).alias("other_id"))
    add_events(session, events, kind="link", reason="link run", run_id=run_id, review_id=None)
    return run_id, add_questions(session, run_id, _questions(ready, joined, right))


def _add_tokens(session: Session, ready: _Ready, linked: pl.DataFrame) -> pl.DataFrame:
    """Give participants the identifiers of the records they are linked to: columns participant_id, kinds."""
    people = _people(ready.right).rename({"person": "right"}).join(linked, on="right").sort("participant_id")
    added = [pl.DataFrame(schema={"participant_id": pl.Int64, "kind": pl.String})]
    for kind in token_columns(ready.right.tokens):
        held = people.filter(pl.col(kind).is_not_null()).select(pl.col(kind).alias("token"), "participant_id")
        new = held.join(known_tokens(session, kind), on="token", how="anti").sort("token")
        named = new.select(pl.lit(kind).alias("kind"), "token", "participant_id")
        add_tokens(session, named.with_columns(pl.lit(ready.sides.key_id).alias("key_id")))
        added.append(named.select("participant_id", "kind"))
        if kind == LOCAL:
            note_holders(session, ready.mappings[1].namespace, held["participant_id"])
    return pl.concat(added).group_by("participant_id").agg(pl.col("kind").sort().str.join(",").alias("kinds"))


def _questions(ready: _Ready, joined: Joined, right: pl.DataFrame) -> list[Question]:
    """What people are asked: grey pairs, links that something speaks against, participants that seem to be one."""
    tokens = {row["person"]: row for row in _people(ready.right).iter_rows(named=True)}

    def marks(person: int) -> tuple[bytes, ...]:
        held = tokens[person].items()
        return tuple(mark_of(k, t, ready.key, "review") for k, t in held if k != "person" and t is not None)

    asked = [
        Question(
            "possible", row["participant_id"], marks(row["right"]), {f: row[f] for f in PATTERN},
            row["weight_band"], row["why"],
        )
        for row in joined.grey.iter_rows(named=True)
    ]  # fmt: skip
    asked += [
        Question("standing", row["participant_id"], marks(row["right"]), {}, "", row["why"])
        for row in joined.standing.iter_rows(named=True)
    ]
    doubled = right.group_by("person").agg(pl.col("participant_id").sort())
    for person, numbers in doubled.sort("person").iter_rows():
        asked.append(Question("merge", numbers[0], marks(person), {}, "", "one record fits both", numbers[1]))
    return asked


def parse_side(text: str) -> tuple[str, Path]:
    """``SOURCE=FILE`` as it is written on the command line."""
    source, sign, file = text.partition("=")
    if not sign or not source or not file:
        raise CohortError(
            "LC882",
            "each side is written SOURCE=FILE",
            "lifecourse link run --cohort COHORT PEOPLE=FILE OTHER=FILE",
        )
    return source, Path(file)


def parse_sides(texts: Sequence[str]) -> tuple[tuple[str, Path], tuple[str, Path]]:
    """Both sides, the enrolling one first."""
    if len(texts) != 2:
        raise CohortError(
            "LC882", "a linkage has two sides", "lifecourse link run --cohort COHORT PEOPLE=FILE OTHER=FILE"
        )
    return parse_side(texts[0]), parse_side(texts[1])
