# make run     set up and run the first round of 2017
# make test    set up and run the tests
# make check   style, types, arrows, and that README shows the reference results
# make golden  the long experiments, compared with results/reference
# make browser  the tests that need Chromium: pages wide and narrow, light and dark
# make speed   measured ratios, kept in results/speed
# make clusters  Dask and Ray in networks of their own (Linux, root)
# make lines   code lines per package
# make wheel   build the wheel and look into it
# make lowest  the tests on the oldest versions that are promised (Python 3.11 or 3.12)
# make locks   pin everything anew: tests, a run (the same versions), the oldest versions
# make sbom    what the run's environment is made of (CycloneDX), into build/
# make vulnerabilities  known ones in what is pinned; asks a public database
# make site    run the experiments that take seconds, and make the site of all results in build/web
# make docs    build the documentation into build/site (needs no network once installed)

VENV ?= .venv
PYTHON ?= python3
RUN := $(VENV)/bin/python
RUNNABLE := $(VENV)/.run
STAMP := $(VENV)/.installed

.PHONY: run test check lines browser clusters golden speed wheel docs site reference lowest locks sbom vulnerabilities clean

run: $(RUNNABLE)
	$(RUN) -m bench +experiment=2017_r1

test: $(STAMP)
	$(RUN) -m pytest -m "not golden and not speed and not browser and not clusters" -n auto --dist worksteal

check: $(STAMP)
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports
	$(RUN) -m tests.golden.pages --check headline record record_findings record_pairs

lines: $(STAMP)
	$(RUN) tools/count_lines.py

browser: $(STAMP)
	$(RUN) -m pytest -m browser

clusters: $(STAMP)
	$(RUN) -m venv --clear $(VENV)-clusters
	$(VENV)-clusters/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	$(VENV)-clusters/bin/python -m pip install --quiet --disable-pip-version-check -e ".[dask,ray]"
	$(VENV)-clusters/bin/python -m pytest tests/runner/test_clusters.py tests/runner/test_engines.py

golden: $(STAMP)
	$(RUN) -m pytest tests -m golden -n 2 --dist worksteal

speed: $(STAMP)
	$(RUN) -m pytest tests/speed -m speed --benchmark-only --benchmark-json=$(VENV)/speed.json
	$(RUN) -m tests.speed.report $(VENV)/speed.json

reference: $(STAMP)
	$(RUN) -m tests.golden.reference

wheel: $(STAMP)
	$(RUN) -m build --outdir dist .
	$(RUN) -m pytest tests/test_wheel.py -m install

lowest:
	$(PYTHON) -m venv $(VENV)-lowest
	$(VENV)-lowest/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-lowest.lock
	$(VENV)-lowest/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	$(VENV)-lowest/bin/python -m pytest -m "not golden and not speed and not browser and not clusters and not install" -n auto \
		-W ignore::DeprecationWarning  # old libraries beside new ones

COMPILE := -m uv pip compile pyproject.toml --quiet --no-strip-extras --generate-hashes --no-emit-index-url --no-emit-find-links --no-header
locks: $(STAMP)
	$(RUN) -m pip install --quiet --disable-pip-version-check uv==0.13.9
	$(RUN) $(COMPILE) --universal --python-version 3.11 --extra test --extra check --output-file requirements-dev.lock
	$(RUN) $(COMPILE) --universal --python-version 3.11 --constraints requirements-dev.lock --output-file requirements.lock
	$(RUN) $(COMPILE) --resolution lowest-direct --python-version 3.11 --extra test --output-file requirements-lowest.lock
	$(RUN) -m tools.licences

sbom: $(RUNNABLE)
	$(RUN) -m pip install --quiet --disable-pip-version-check cyclonedx-bom==7.5.0
	mkdir -p build
	$(VENV)/bin/cyclonedx-py requirements requirements.lock --output-reproducible --output-file build/sbom.cdx.json

vulnerabilities: $(STAMP)
	$(RUN) -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1
	$(VENV)/bin/pip-audit --disable-pip --requirement requirements-dev.lock

SHORT := quickstart 2017_r1 2017_r2 2017_chain 2022_r1 2022_r2 2022_chain 2027_r1
site: $(STAMP)
	mkdir -p build
	for name in $(SHORT); do $(RUN) -m bench run $$name > build/site.log 2>&1 || { cat build/site.log; exit 1; }; done
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

clean:
	rm -rf $(VENV) build dist
