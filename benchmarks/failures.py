"""How often the kind of failure is told right, in made-up trials that fail in a known way.

    python -m benchmarks.failures

Thirty trials of each kind at each size, of the people of ``tests/evaluation/why_samples.py``: the programme is not
delivered, reaches the wrong people, or is had by the comparison too, and so moves nothing; or it is delivered and its
first or a later step does not follow. Prints how often each class came; some ten seconds.
"""

from __future__ import annotations

from collections import Counter

from tests.evaluation.why_samples import people, plan, run

TRIALS = 30
SIZES = (1200, 300)
KINDS: dict[str, tuple[str, dict[str, float]]] = {
    "delivery": ("implementation", {"dose": 0.3, "near": 0.0}),
    "people": ("wrong-people", {"meant": 0.4, "near": 0.0}),
    "contrast": ("contrast", {"similar": 0.5, "near": 0.0}),
    "first step": ("theory-first-link", {"near": 0.0}),
    "later step": ("theory-later-link", {"far": 0.0}),
}


def classes(kind: str, size: int) -> Counter[str]:
    """How often each class was told, over the seeds."""
    changes = KINDS[kind][1]
    found: Counter[str] = Counter()
    for seed in range(TRIALS):
        failure = run(people(size, seed=seed, **changes), plan()).failure
        found[failure.kind if failure else "none"] += 1
    return found


def main() -> None:
    """Print a line for each size and kind."""
    for size in SIZES:
        for kind, (right, _) in KINDS.items():
            found = classes(kind, size)
            told = ", ".join(f"{name} {count}" for name, count in found.most_common() if name != right)
            print(
                f"{size:>5,}  {kind:<10}  right {found[right]:>2} of {TRIALS}" + (f"; {told}" if told else "")
            )


if __name__ == "__main__":
    main()
