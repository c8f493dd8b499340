# Two commands on a fresh machine do all set-up: `make demo` and `make test`.
VENV ?= .venv
PYTHON ?= $(shell for p in python3.12 python3.11 python3.13 python3.14 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := $(VENV)/bin
# MediaPipe 0.10.21 declares 500 MB of packages that pose does not need, hence --no-deps; it has no wheel for 3.13.
MEDIAPIPE := mediapipe==0.10.21
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# OpenMMLab's packages have an environment of their own; mmpose declares some that are no longer built.
OPENMMLAB := .venv-openmmlab
TORCH := torch==2.13.0
MMPOSE := mmpose==1.3.2

# Hydra's plugins are options of every command where they are installed: tests without them stay as they are.
LAUNCHERS := .venv-launchers

# SLURM and Ray, started on this machine for the tests that need them.
ENGINES := .venv-engines
BESIDE = $(ENGINES)/bin/python -m pytest

# A browser that opens the report's page, and what its scripts are checked with: tests alone need these.
PAGE := .venv-page
PLAYWRIGHT := playwright==1.65.2

# Other programs that read what posecfg writes: tests alone need these. Those of ALONE declare windows, notebooks and
# networks, 1 GB and more, which reading a file needs not: READ_BY has what they import.
READERS := .venv-readers
READ_BY := pycocotools pose-format==0.15.0 datasets pandas xarray netCDF4 loguru jsonschema pynwb ndx-pose shapely \
	lazy-loader simplejson imageio tifffile rich-click opencv-python-headless scipy statsmodels matplotlib ipython \
	toml rtoml lxml anytree filterpy c3d
ALONE := movement==0.15.0 sleap-io==0.9.5 pose2sim==0.10.49 sports2d==0.8.34 rtmlib

# Tests start hundreds of processes: each would compile all that it imports again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-deep test-openmmlab test-launchers test-engines beside-engines beside-slurm beside-ray beside-sweeps \
	beside-hosts test-page test-readers torture lint wheel clean
.DELETE_ON_ERROR:

demo: $(VENV)/installed
	@$(BIN)/python tools/demo.py

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist worksteal -m "not deep"

# Processes that are killed and frozen, disks that fail, every page of every option, and more examples of each property.
test-deep: $(VENV)/installed-dev
	POSECFG_EXAMPLES=200 $(BIN)/python -m pytest -n auto --maxprocesses 8 --dist worksteal -m "deep or hypothesis"

test-openmmlab: $(OPENMMLAB)/installed
	$(OPENMMLAB)/bin/python -m pytest tests/openmmlab

test-launchers: $(LAUNCHERS)/installed
	$(LAUNCHERS)/bin/python -m pytest tests/commands/test_launchers.py tests/config/test_launchers.py tests/test_docs.py

test-engines: $(ENGINES)/installed
	$(ENGINES)/bin/python tools/engines.py -- $(MAKE) --no-print-directory beside-engines

# Tests mostly wait. Those of one engine follow each other: strikes would meet the contract's runs.
beside-engines:
	$(MAKE) -j 4 --output-sync beside-slurm beside-ray beside-sweeps beside-hosts

beside-slurm:
	$(BESIDE) tests/engines/test_chaos.py tests/executors/test_contract.py -k "slurm or many_engines"

beside-ray:
	$(BESIDE) tests/engines/test_chaos.py tests/executors/test_contract.py -k ray

beside-sweeps:
	$(BESIDE) tests/engines/test_sweeps.py

beside-hosts:
	$(BESIDE) tests/executors/test_contract.py -k "not slurm and not ray"

test-page: $(PAGE)/installed
	$(PAGE)/bin/python tools/browser.py -- $(PAGE)/bin/python -m pytest -n 2 --dist loadfile -rs tests/page/browser tests/page/test_scripts.py

test-readers: $(READERS)/installed
	$(READERS)/bin/python -m pytest -rs tests/readers tests/writers/test_contract.py tests/writers/test_parquet.py \
		tests/writers/test_movement.py tests/writers/test_c3d.py tests/writers/test_rerun.py

# What a release is: dist/posecfg-*.whl, tried in an environment of its own.
wheel: $(VENV)/installed-dev
	$(BIN)/python tools/wheel.py

# Hours: FILMS=folder adds films to those that are read from a failing disk.
torture: $(VENV)/installed-dev
	$(BIN)/python tools/stress.py --rounds 60
	$(BIN)/python tools/crashsweep.py
	$(BIN)/python tools/sickdisk.py --ranges 24 $(if $(FILMS),--films $(FILMS))
	POSECFG_TORTURE=1 $(BIN)/python -m pytest tests/torture/test_any_sequence.py
	$(BIN)/python tools/mutants.py --number 100

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(VENV)/installed: pyproject.toml
	@test -n "$(PYTHON)" || { echo "posecfg needs Python 3.11 or newer: install one, or type make demo PYTHON=/path/to/python"; exit 1; }
	@test -x $(BIN)/python || { echo "Creating $(VENV) with $(PYTHON) ..."; $(PYTHON) -m venv $(VENV); }
	@echo "Installing posecfg into $(VENV) (about a minute) ..."
	@$(PIP) -e ".[blazepose]"
	@if $(BIN)/python -c 'import sys; sys.exit(sys.version_info >= (3, 13))'; then $(PIP) --no-deps $(MEDIAPIPE); \
	else echo "BlazePose is left out: MediaPipe 0.10.21 has wheels for Python 3.11 and 3.12; all else works here."; fi
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@$(PIP) -e ".[blazepose,dev]"
	@touch $@

$(OPENMMLAB)/installed: pyproject.toml
	@test -n "$(PYTHON)" || { echo "posecfg needs Python 3.11 or newer: install one, or type make test-openmmlab PYTHON=/path/to/python"; exit 1; }
	@test -x $(OPENMMLAB)/bin/python || { echo "Creating $(OPENMMLAB) with $(PYTHON) ..."; $(PYTHON) -m venv $(OPENMMLAB); }
	@echo "Installing posecfg with OpenMMLab's packages into $(OPENMMLAB) (a few minutes) ..."
	@$(OPENMMLAB)/bin/python -m pip install --quiet --disable-pip-version-check $(TORCH) -e ".[openmmlab]" onnx onnxruntime pycocotools pytest hypothesis
	@$(OPENMMLAB)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps $(MMPOSE)
	@touch $@

$(LAUNCHERS)/installed: pyproject.toml
	@test -n "$(PYTHON)" || { echo "posecfg needs Python 3.11 or newer: install one, or type make test-launchers PYTHON=/path/to/python"; exit 1; }
	@test -x $(LAUNCHERS)/bin/python || { echo "Creating $(LAUNCHERS) with $(PYTHON) ..."; $(PYTHON) -m venv $(LAUNCHERS); }
	@echo "Installing posecfg with launchers of jobs into $(LAUNCHERS) ..."
	@$(LAUNCHERS)/bin/python -m pip install --quiet --disable-pip-version-check -e ".[parallel]" pytest hypothesis
	@touch $@

$(ENGINES)/installed: pyproject.toml
	@test -n "$(PYTHON)" || { echo "posecfg needs Python 3.11 or newer: install one, or type make test-engines PYTHON=/path/to/python"; exit 1; }
	@test -x $(ENGINES)/bin/python || { echo "Creating $(ENGINES) with $(PYTHON) ..."; $(PYTHON) -m venv $(ENGINES); }
	@echo "Installing posecfg with Ray and launchers of jobs into $(ENGINES) ..."
	@$(ENGINES)/bin/python -m pip install --quiet --disable-pip-version-check -e ".[parallel,ray]" pytest pytest-xdist hypothesis
	@touch $@

$(PAGE)/installed: pyproject.toml
	@test -n "$(PYTHON)" || { echo "posecfg needs Python 3.11 or newer: install one, or type make test-page PYTHON=/path/to/python"; exit 1; }
	@test -x $(PAGE)/bin/python || { echo "Creating $(PAGE) with $(PYTHON) ..."; $(PYTHON) -m venv $(PAGE); }
	@echo "Installing posecfg with Playwright into $(PAGE) ..."
	@$(PAGE)/bin/python -m pip install --quiet --disable-pip-version-check -e . $(PLAYWRIGHT) pytest pytest-xdist hypothesis
	@touch $@

$(READERS)/installed: pyproject.toml
	@test -n "$(PYTHON)" || { echo "posecfg needs Python 3.11 or newer: install one, or type make test-readers PYTHON=/path/to/python"; exit 1; }
	@test -x $(READERS)/bin/python || { echo "Creating $(READERS) with $(PYTHON) ..."; $(PYTHON) -m venv $(READERS); }
	@echo "Installing posecfg with programs that read its files into $(READERS) (a few minutes) ..."
	@$(READERS)/bin/python -m pip install --quiet --disable-pip-version-check -e ".[blazepose,parquet,movement,c3d,rerun]" $(READ_BY) pytest hypothesis
	@$(READERS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps $(ALONE)
	@if $(READERS)/bin/python -c 'import sys; sys.exit(sys.version_info >= (3, 13))'; then \
		$(READERS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps $(MEDIAPIPE); fi
	@touch $@

clean:
	rm -rf $(VENV) $(OPENMMLAB) $(LAUNCHERS) $(ENGINES) $(PAGE) $(READERS) tests/page/js/node_modules outputs build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
