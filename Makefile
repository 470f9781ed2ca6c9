# make run     set up and run the first round of 2017
# make test    set up and run the tests
# make check   style, types, arrows
# make golden  the long experiments, compared with results/reference
# make speed   measured ratios, kept in results/speed
# make coverage  branches that no test takes
# make mutation  mutants that no test kills (half an hour)
# make wheel   build the wheel and look into it
# make docs    build the documentation into build/site (needs no network once installed)

VENV ?= .venv
PYTHON ?= python3
RUN := $(VENV)/bin/python
STAMP := $(VENV)/.installed

.PHONY: run test check coverage mutation golden speed wheel docs reference clean

run: $(STAMP)
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
	$(RUN) -m pip install --quiet --disable-pip-version-check "mutmut>=3.8.1,<4"
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

$(STAMP): pyproject.toml requirements-dev.lock
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	$(RUN) -m pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $(STAMP)

clean:
	rm -rf $(VENV) build dist
