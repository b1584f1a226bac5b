# `make render` and `make test` are all a new machine needs: Python 3.11 or later, git and make.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# Processes of the suite: every core; 0 runs it in one.
WORKERS ?= logical

.PHONY: docs help render test test-fast floor check format lab panel conformance bench fuzz lock clean

help:            ## list the commands
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## */\t/' | expand -t 12

render: $(READY) ## run the whole catalogue and write build/site/index.html
	@$(BIN)/nktrade render

# What a file prepares once one process prepares; the long rooms stand first, so the ends are even.
test: $(READY)   ## run the whole test suite on every core and print its coverage
	@$(BIN)/python -m pytest -n $(WORKERS) --maxprocesses 8 --dist loadfile --no-loadscope-reorder \
	  --cov --cov-report=; \
	  status=$$?; echo "of nktrade's lines the suite runs $$($(BIN)/coverage report --format=total) %"; \
	  exit $$status

test-fast: $(READY) ## run the quick tests only, in a minute
	@$(BIN)/python -m pytest -q -m "not slow"

floor: $(READY)  ## try the oldest versions that pyproject.toml claims, in an environment of their own
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python build/floor
	@$(BIN)/uv pip install --quiet --python build/floor/bin/python --resolution lowest-direct -e '.[dev,cluster]'
	@build/floor/bin/python -m pytest -q -m "not slow"
	@build/floor/bin/python -m pytest -q tests/site tests/charts tests/render/test_render.py

check: $(READY)  ## lint, check types, check that notebooks are stored without outputs
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy
	@$(BIN)/nbstripout --verify notebooks/*.ipynb

format: $(READY) ## format code and notebooks, strip outputs
	@$(BIN)/ruff check --fix-only . && $(BIN)/ruff format . && $(BIN)/nbstripout notebooks/*.ipynb

# Notebooks that are only opened stay as they are: nktrade/lab/contents.py. As root (in a container)
# JupyterLab wants to be told so, and there is no browser to open.
lab: $(READY)    ## open the notebooks in JupyterLab; LAB='...' are further options of it
	@if [ "$$(id -u)" = 0 ]; then echo "As root, as in a container: open the address with the token that follows." \
	  "From outside the container publish the port (docker run -p 127.0.0.1:8888:8888 ...) and" \
	  "run: make lab LAB=--ip=0.0.0.0" >&2; fi
	@$(BIN)/jupyter lab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks $(LAB) \
	  --ServerApp.contents_manager_class=nktrade.lab.contents.QuietContents \
	  $$([ "$$(id -u)" = 0 ] && echo --allow-root --no-browser)

docs: $(READY)    ## build the documentation into build/docs, without a network
	@$(BIN)/python -m sphinx -q -b html docs build/docs && echo "build/docs/index.html"

panel: $(READY)  ## rebuild the reconstructed panel, its errors and the standard answers
	@$(BIN)/python -m tools.decide_honoured
	@$(BIN)/python -m tools.reconstruct
	@$(BIN)/python -m tools.reconstruct.errors
	@$(BIN)/python -m tools.reconstruct.bands
	@$(BIN)/python -m tools.precompute_bounds

conformance: $(READY) ## compare every notebook of the conformance table with plain papermill
	@NKTRADE_CONFORMANCE=all $(BIN)/python -m pytest -q tests/render/test_conformance.py

bench: $(READY)  ## measure the batch, the readers and the mapping beside plain tools; half an hour
	@for benchmark in render read_customs classify; do $(BIN)/python benchmarks/$$benchmark.py; done

fuzz: $(READY)   ## strange input by the million for everything that reads; some hours
	@$(BIN)/python -m tools.fuzz --inputs $(or $(INPUTS),1000000)

lock: $(READY)   ## renew requirements.lock from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --extra dev --extra cluster --no-emit-index-url --no-header pyproject.toml -o requirements.lock

clean:           ## remove what was built; the environment stays
	rm -rf build

# The stamp is newer than the lock and the metadata when nothing has to be installed again.
$(READY): requirements.lock pyproject.toml
	@echo "installing into .venv (once)" >&2
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "nktrade needs Python 3.11 or later; set PYTHON=/path/to/python3.11" >&2; exit 2; }
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
