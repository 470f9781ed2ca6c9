# make run     set up and run the first round of 2017
# make test    set up and run the tests
# make check   style, types, arrows, and that README, two pages and a lab book show the reference results
# make portable  the experiments on the made-up country as another processor computes them
# make golden  the long experiments, compared with results/reference
# make speed   measured ratios, kept in results/speed
# make lines   tokens and code lines per package, words of the documentation
# make site    forecast the election to come, and make the site of all results in build/web
# make docs    build the documentation into build/site (needs no network once installed)

VENV ?= .venv
PYTHON ?= python3
RUN := $(VENV)/bin/python
RUNNABLE := $(VENV)/.run
STAMP := $(VENV)/.installed

.PHONY: run test check portable golden speed lines site docs

run: $(RUNNABLE)
	$(RUN) -m bench +experiment=2017_r1

test: $(STAMP)
	$(RUN) -m pytest -m "not golden and not speed and not browser" -n auto --dist worksteal

check: $(STAMP)
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports
	$(RUN) -m tests.golden.pages --check headline record record_findings record_pairs \
		record_countries record_days record_sensitivity report_claims

# without numpy's vector code, whose sorts and sums leave ties and last digits otherwise
portable: $(STAMP)
	NPY_DISABLE_CPU_FEATURES=X86_V3 $(RUN) -m pytest tests/golden/test_studies.py tests/metrics tests/models \
		-m "not golden and not speed and not browser" -n auto --dist worksteal

lines: $(STAMP)
	$(RUN) -m tools.count_lines

golden: $(STAMP)
	$(RUN) -m pytest tests -m golden -n 2 --dist worksteal

speed: $(STAMP)
	$(RUN) -m pytest tests/speed -m speed --benchmark-only --benchmark-json=$(VENV)/speed.json
	$(RUN) -m tests.speed.report $(VENV)/speed.json

site: $(RUNNABLE)
	$(RUN) -m bench run 2027_r1
	$(RUN) -m bench run 2027_board
	$(RUN) -m bench site

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
