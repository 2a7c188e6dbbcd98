# just: the wishes of a developer. `just --list` shows them.

# make the environment, with everything the tests need
install:
    python3 -m venv .venv
    .venv/bin/pip install --quiet -c requirements.lock -e '.[dev]'

# all tests
test *words:
    .venv/bin/python -m pytest {{words}}

# lint, format check, types: what pre-commit and CI run
check:
    .venv/bin/ruff check .
    .venv/bin/ruff format --check .
    .venv/bin/mypy

# mend what a machine can mend
fix:
    .venv/bin/ruff check --fix .
    .venv/bin/ruff format .

# the demonstration, in ./practice
demo:
    rm -rf practice
    .venv/bin/lifecourse demo practice

# side by side with what a user would use instead; not part of the tests
race *words="list":
    .venv/bin/python -m benchmarks.race {{words}}

# renew the pinned versions (needs uv)
lock:
    uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --no-emit-index-url --no-header --no-annotate -q -o requirements.lock
    echo 'hatchling>=1.27' | uv pip compile pyproject.toml - --extra postgresql --extra linkage --universal --python-version 3.11 --no-emit-index-url --no-header --no-annotate --generate-hashes -q -c requirements.lock -o requirements.hashed.lock

# renew the reference pages that are made from the code
reference:
    .venv/bin/python docs/make_reference.py

# the documentation as a site, in ./build/docs (needs the extra `docs`)
docs:
    .venv/bin/pip install --quiet -c requirements.lock -e '.[docs]'
    .venv/bin/python docs/build_site.py

# renew the practice project's partner files from the public data
practice-files:
    .venv/bin/python -m tests.demo.make_demo_files
