"""A made-up population seen by two sources, with the truth: what a linkage can be measured against.

Nobody here exists. Common names are common British names with their public rank; the long tail is made of
syllables. Names follow a Zipf-Mandelbrot law, households share surname and postcode, three people in a hundred
have a sibling born the same day, a postcode holds about 36 people. Source A is fairly clean (a school), source B
is not (custody): nicknames, typing errors, changed surnames, moves, wrong and missing values.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from cohorts.linking.nicknames import FORMS


def _words(text: str) -> list[str]:
    return text.split()


MEN = _words("""james john robert david william mohammed thomas daniel michael joshua jack matthew joseph christopher
oliver samuel andrew benjamin alexander george harry luke adam ryan jacob nathan liam lewis callum jordan connor
ethan dylan charles henry edward peter paul mark stephen anthony kevin richard jason lee simon craig stuart ian gary
patrick sean aaron kyle bradley jake ben max oscar leo archie alfred frederick theodore isaac gabriel tyler reece
ashley dean scott martin philip nicholas jonathan timothy gregory gareth neil darren wayne carl shane ibrahim yousef
hassan hussain abdul omar ali imran dominic vincent victor kenneth ronald douglas terence raymond russell zachary
sebastian toby declan kieran brandon cameron""")
WOMEN = _words("""sarah emma laura rebecca jessica charlotte hannah sophia amy chloe emily lucy olivia megan katie
elizabeth victoria samantha jennifer nicola lauren danielle rachel natalie stephanie michelle kelly claire louise
catherine helen alison amanda susan karen jacqueline julie tracey deborah angela margaret patricia maria anne mary
fatima aisha zainab maryam khadija amelia isabella eleanor grace ella freya isla poppy daisy lily ruby evie phoebe
leah abigail molly holly bethany georgina jasmine caitlin paige shannon courtney jade gemma zoe hayley leanne lisa
joanne andrea caroline christina melanie melissa vanessa harriet matilda rosemary penelope philippa josephine
madeleine naomi ruth esther alexandra frances kimberley""")
SURNAMES = _words("""
smith jones williams taylor brown davies evans wilson thomas johnson roberts robinson thompson wright
walker white edwards hughes green hall lewis harris clarke patel jackson wood turner martin cooper hill ward morris
moore clark lee king baker harrison morgan allen james scott phillips watson davis parker price bennett young
griffiths mitchell kelly cook carter richardson bailey collins bell shaw murphy miller cox richards khan marshall
anderson simpson ellis adams singh begum wilkinson foster chapman powell webb rogers gray mason ali hunt hussain
campbell matthews owen palmer holmes mills barnes knight lloyd butler russell barker fisher stevens jenkins murray
dixon harvey graham pearson ahmed fletcher walsh kaur gibson howard andrews stewart elliott reynolds saunders payne
fox ford obrien mcdonald mccarthy osullivan""")
_ONSETS = _words("b c d f g h j k l m n p r s t v w br ch cl cr dr fl fr gr kh ph pl pr sh sl st th tr wh")
_VOWELS = _words("a e i o u ai ea ee ou oo ie")
_CODAS = _words("n r l s t d m ck ng nd rt ll ss th x by ton ley son ham ford well man")


@dataclass(frozen=True, slots=True)
class TwoSources:
    """Two tables of records of made-up people, and the truth about which are the same.

    ``left`` and ``right`` have record (Int64), forename, surname, date-of-birth (Date), postcode, sex, and nhs
    (a made-up national id, known for some; a few carry somebody else's). ``truth`` has left, right.
    """

    left: pl.DataFrame = field(repr=False)
    right: pl.DataFrame = field(repr=False)
    truth: pl.DataFrame = field(repr=False)


def make_sources(people: int, seed: int = 1, *, id_left: float = 0.6, id_right: float = 0.45) -> TwoSources:
    """A population of ``people``, three quarters of which are in each source."""
    rng = np.random.default_rng(seed)
    population = _population(people, rng)
    left = _seen(population, rng, _CLEAN, id_left)
    right = _seen(population, rng, _DIRTY, id_right)
    truth = (
        left.select("who", pl.col("record").alias("left"))
        .join(right.select("who", pl.col("record").alias("right")), on="who")
        .select("left", "right")
    )
    return TwoSources(left.drop("who"), right.drop("who"), truth.sort("left"))


def _tail(rng: np.random.Generator, count: int, parts: int) -> list[str]:
    names: dict[str, None] = {}
    while len(names) < count:
        pieces = [rng.choice(_ONSETS, count), rng.choice(_VOWELS, count)]
        for _ in range(parts - 1):
            pieces += [rng.choice(_ONSETS, count), rng.choice(_VOWELS, count)]
        pieces.append(rng.choice(_CODAS, count))
        names.update(dict.fromkeys("".join(letters) for letters in zip(*pieces, strict=True)))
    return list(names)[:count]


def _zipf(rng: np.random.Generator, size: int, ranks: int, shift: float, power: float) -> np.ndarray:
    weights = 1 / (np.arange(1, ranks + 1) + shift) ** power
    return rng.choice(ranks, size, p=weights / weights.sum())


def _names(
    rng: np.random.Generator, size: int, known: list[str], ranks: int, shift: float, power: float = 1.0
) -> np.ndarray:
    pool = np.array(known + _tail(rng, ranks - len(known), 2), dtype=object)
    return np.asarray(pool[_zipf(rng, size, ranks, shift, power)])


def _population(people: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    sizes = rng.choice([1, 2, 3, 4, 5], people, p=[0.3, 0.34, 0.16, 0.14, 0.06])
    household = np.repeat(np.arange(people), sizes)[:people]
    homes = int(household[-1]) + 1
    family = _names(rng, homes, SURNAMES, 60_000, 8)
    own = _names(rng, people, SURNAMES, 60_000, 8)
    surname = np.where(rng.random(people) < 0.15, own, family[household])
    double = rng.random(people) < 0.025
    surname[double] = surname[double] + "-" + own[double]
    sex = rng.choice(["f", "m"], people)
    forename = np.where(
        sex == "f", _names(rng, people, WOMEN, 3000, 8, 1.25), _names(rng, people, MEN, 3000, 8, 1.25)
    )
    born = (np.datetime64("1990-01-01") + rng.integers(0, 22 * 365, people)).astype("datetime64[D]")
    twin = np.flatnonzero((household[1:] == household[:-1]) & (rng.random(people - 1) < 0.028)) + 1
    born[twin], surname[twin] = born[twin - 1], surname[twin - 1]
    codes = _postcodes(max(people // 36, 20), rng)
    postcode = codes[rng.integers(0, len(codes), homes)][household]
    return {
        "who": np.arange(people), "forename": forename, "surname": surname, "born": born, "postcode": postcode,
        "sex": sex.astype(object), "own": own, "codes": codes, "nhs": rng.permutation(people) + 1,
    }  # fmt: skip


def _postcodes(count: int, rng: np.random.Generator) -> np.ndarray:
    """Made-up postcodes: 40 districts of about 9 sectors."""
    letters = list("ABDEFGHJLNPQRSTUWXYZ")
    made: dict[str, None] = {}
    while len(made) < count:
        inward = "".join(rng.choice(letters, 2))
        made[f"X{rng.choice(['B', 'L', 'M'])}{rng.integers(1, 14)} {rng.integers(1, 10)}{inward}"] = None
    return np.array(sorted(made), dtype=object)


@dataclass(frozen=True, slots=True)
class _Noise:
    """How often what goes wrong, per record."""

    nickname: float
    typo: float
    renamed: float
    moved: float
    born: float
    no_forename: float
    no_surname: float
    no_postcode: float
    no_born: float
    sex: float
    initial: float
    half: float
    wrong_id: float


_CLEAN = _Noise(0.05, 0.012, 0.0, 0.03, 0.006, 0.002, 0.002, 0.01, 0.0, 0.003, 0.001, 0.02, 0.0002)
_DIRTY = _Noise(0.25, 0.04, 0.06, 0.18, 0.035, 0.004, 0.01, 0.06, 0.004, 0.005, 0.005, 0.3, 0.001)


def _seen(
    population: dict[str, np.ndarray], rng: np.random.Generator, noise: _Noise, ids: float
) -> pl.DataFrame:
    people = len(population["who"])
    kept = np.sort(rng.choice(people, people * 3 // 4, replace=False))
    kept = rng.permutation(kept)
    n = len(kept)

    def often(share: float) -> np.ndarray:
        return np.asarray(rng.random(n) < share)

    forename = _typed(
        _nicknamed(population["forename"][kept], often(noise.nickname), rng), often(noise.typo), rng
    )
    surname = _renamed(population, kept, noise, rng)
    surname = _typed(surname, often(noise.typo), rng)
    postcode = population["postcode"][kept].copy()
    moved = often(noise.moved)
    codes = population["codes"]
    place = np.searchsorted(codes, postcode[moved])
    near = np.clip(place + rng.integers(-40, 41, len(place)), 0, len(codes) - 1)
    far = rng.integers(0, len(codes), len(place))
    postcode[moved] = codes[np.where(rng.random(len(place)) < 0.25, near, far)]
    postcode = _typed(postcode, often(noise.typo), rng)
    short = often(noise.initial)
    forename[short] = np.array([name[:1] for name in forename[short]], dtype=object)
    sex = population["sex"][kept].copy()
    flip = often(noise.sex)
    sex[flip] = np.where(sex[flip] == "f", "m", "f")
    born = _misdated(population["born"][kept].copy(), often(noise.born), rng)
    nhs = population["nhs"][kept].copy()
    wrong = often(noise.wrong_id)
    nhs[wrong] = population["nhs"][rng.integers(0, people, int(wrong.sum()))]
    frame = pl.DataFrame(
        {
            "who": kept, "record": np.arange(n), "forename": pl.Series(forename, dtype=pl.String),
            "surname": pl.Series(surname, dtype=pl.String), "date-of-birth": born,
            "postcode": pl.Series(postcode, dtype=pl.String), "sex": pl.Series(sex, dtype=pl.String), "nhs": nhs,
        }
    )  # fmt: skip
    blank = {
        "forename": noise.no_forename, "surname": noise.no_surname, "postcode": noise.no_postcode,
        "date-of-birth": noise.no_born, "nhs": 1 - ids,
    }  # fmt: skip
    masks = {name: pl.Series(often(share)) for name, share in blank.items()}
    frame = frame.with_columns(pl.when(~masks[name]).then(pl.col(name)).alias(name) for name in blank)
    return frame.with_columns(pl.when(pl.col("nhs").is_first_distinct()).then(pl.col("nhs")).alias("nhs"))


def _nicknamed(names: np.ndarray, chosen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A quarter of those whose name has a short form go by one."""
    done = names.copy()
    for place in np.flatnonzero(chosen):
        forms = FORMS.get(str(names[place]))
        if forms:
            done[place] = forms[int(rng.integers(0, len(forms)))]
    return done


def _renamed(
    population: dict[str, np.ndarray], kept: np.ndarray, noise: _Noise, rng: np.random.Generator
) -> np.ndarray:
    surname = population["surname"][kept].copy()
    changed = np.flatnonzero(rng.random(len(kept)) < noise.renamed)
    fresh = population["own"][rng.integers(0, len(population["own"]), len(changed))]
    joined = rng.random(len(changed)) < 0.15
    surname[changed] = np.where(joined, surname[changed] + "-" + fresh, fresh)
    for place in np.flatnonzero(rng.random(len(kept)) < noise.half):
        if "-" in surname[place]:
            surname[place] = str(surname[place]).split("-")[int(rng.integers(0, 2))]
    return np.asarray(surname)


def _typed(texts: np.ndarray, chosen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One letter wrong, left out, put in, doubled or swapped with the next."""
    done = texts.copy()
    letters = "abcdefghijklmnopqrstuvwxyz"
    for place in np.flatnonzero(chosen):
        text = str(texts[place])
        at = int(rng.integers(0, max(len(text) - 1, 1)))
        letter = letters[int(rng.integers(0, 26))]
        edits = (
            text[:at] + letter + text[at + 1 :], text[:at] + text[at + 1 :], text[:at] + letter + text[at:],
            text[:at] + text[at : at + 1] + text[at:], text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :],
        )  # fmt: skip
        done[place] = edits[int(rng.integers(0, 5))] or text
    return done


def _misdated(born: np.ndarray, chosen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Day and month swapped, or day, month or year wrong."""
    for place in np.flatnonzero(chosen):
        year, month, day = (int(part) for part in str(born[place]).split("-"))
        kind = int(rng.integers(0, 4))
        if kind == 0 and day <= 12:
            month, day = day, month
        elif kind == 1:
            year += int(rng.choice([-10, -2, -1, 1, 2, 10]))
        elif kind == 2:
            month = int(rng.integers(1, 13))
        else:
            day = int(rng.integers(1, 29))
        born[place] = np.datetime64(f"{year:04d}-{month:02d}-{min(day, 28):02d}")
    return born
