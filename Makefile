# make run     set up and run the first round of 2017
# make test    set up and run the tests
# make check   style, types, arrows
# make golden  the long experiments, compared with results/reference
# make speed   measured ratios, kept in results/speed
# make coverage  branches that no test takes
# make mutation  mutants that no test kills (half an hour)
# make wheel   build the wheel and look into it
# make lock    requirements.lock again, from pyproject.toml and requirements-dev.lock
# make docs    build the documentation into build/site (needs no network once installed)

VENV ?= .venv
PYTHON ?= python3
RUN := $(VENV)/bin/python
RUNNABLE := $(VENV)/.run
STAMP := $(VENV)/.installed

.PHONY: run test check coverage mutation golden speed wheel docs reference lock clean

run: $(RUNNABLE)
	$(RUN) -m bench +experiment=2017_r1

test: $(STAMP)
	$(RUN) -m pytest -m "not golden and not speed and not browser" -n auto

check: $(STAMP)
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports

coverage: $(STAMP)
	$(RUN) -m pytest -m "not golden and not speed and not browser and not install" --cov --cov-branch --cov-report=term

mutation: $(STAMP)
	$(RUN) -m pip install --quiet --disable-pip-version-check "mutmut>=3.8,<4"
	$(VENV)/bin/mutmut run --max-children 2
	$(RUN) -m tests.mutation

golden: $(STAMP)
	$(RUN) -m pytest tests/golden -m golden -n 2

speed: $(STAMP)
	$(RUN) -m pytest tests/speed -m speed --benchmark-only --benchmark-json=$(VENV)/speed.json
	$(RUN) -m tests.speed.report $(VENV)/speed.json

reference: $(STAMP)
	$(RUN) -m tests.golden.reference

wheel: $(STAMP)
	$(RUN) -m build --outdir dist .
	$(RUN) -m pytest tests/test_wheel.py -m install

docs: $(STAMP)
	$(RUN) -m pip install --quiet --disable-pip-version-check -e ".[docs]"
	NO_MKDOCS_2_WARNING=1 $(RUN) -m mkdocs build --strict

# what a run needs
$(RUNNABLE): pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(RUN) -m pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $(RUNNABLE)

# what tests and checks need, on top
$(STAMP): $(RUNNABLE) requirements-dev.lock
	$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	touch $(STAMP)

# needs uv; requirements-dev.lock comes first, and both hold the same versions
lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate --quiet \
	  --constraints requirements-dev.lock --output-file requirements.lock

clean:
	rm -rf $(VENV) build dist
