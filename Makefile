# Everything starts here. `make` alone lists the targets.

VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.stamp
PYTHON ?= python3
COURSE := _build/sample-course
WEIGHTS := $(CURDIR)/_build/weights
FRONT  := _build/html/index.html

.DEFAULT_GOAL := help
.PHONY: help course test bench bench-gpu weights quality reproduce attacks discrimination mutants faults lint format clean check-python

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F '|' '{ printf "  make %-14s %s\n", $$1, $$2 }'

course: book ## set up, build the book, release the homeworks, grade a sample class, say where to look
	rm -rf $(COURSE)
	$(BIN)/course demo $(COURSE) hw03 --book $(FRONT)

# There are as many workers as cores: more threads would only be in each other's way.
test: lint book ## set up, build the book and run all tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist worksteal

bench: $(STAMP) ## measure speed and memory against torch, nltk and others, as ratios in the same run
	$(BIN)/python -m pytest tests/benchmarks --ignore tests/benchmarks/models -o python_files='bench_*.py' -s

bench-gpu: $(STAMP) ## measure the training of the bigger models, on a graphics card if there is one
	$(BIN)/python -m pytest tests/benchmarks/models -o python_files='bench_*.py' -s

weights: $(STAMP) ## train the models that pages show, unless they are there
	LECTURELIB_WEIGHTS=$(WEIGHTS) $(BIN)/python -m lecturelib.models.weights

quality: weights ## measure what the bigger models learn; writes tests/lecturelib/models/QUALITY.md
	LECTURELIB_WEIGHTS=$(WEIGHTS) $(BIN)/python -m tests.lecturelib.models.quality

reproduce: book ## run every chapter again, time it, and compare what it prints with the book
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/chapters/reproduce.py -n auto --dist worksteal --durations 0

attacks: $(STAMP) ## try to get unearned points, here and from stock nbgrader; writes tests/attacks/RESULTS.md
	$(BIN)/python -m tests.attacks.compare tests/attacks/RESULTS.md

discrimination: $(STAMP) ## grade right, wrong and no answers to every homework; writes tests/homeworks/RESULTS.md
	$(BIN)/python -m tests.homeworks.discrimination

mutants: $(STAMP) ## change every model answer in one place, hundreds of times; writes tests/homeworks/MUTANTS.md
	$(BIN)/python -m tests.homeworks.mutants

faults: $(STAMP) ## kill graders and their workers 20 times each, over a class of a hundred
	COURSE_KILLS=20 $(BIN)/python -m pytest tests/autograder/test_faults.py -s

lint: $(STAMP) ## ruff, ruff format, mypy, the import rules and spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell

format: $(STAMP) ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove what was built, but not the environment
	rm -rf _build node_modules

check-python:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "$(PYTHON) was not found. Install Python 3.11 or newer, or name one: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$$($(PYTHON) --version) is too old: 3.11 or newer is needed. Name another: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) has no venv module. On Debian and Ubuntu: sudo apt-get install python3-venv"; exit 1; }

$(STAMP): pyproject.toml constraints.txt | check-python
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --constraint constraints.txt --editable '.[all]'
	touch $@

include make/book.mk
