# make serve: read the course.  make test: check it.  Both set up .venv first, once.
PYTHON ?= python3
PORT ?= 8000
export NO_MKDOCS_2_WARNING = 1

ready := .venv/.ready
python := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help serve test test-all check site notebooks pdf slides release lighthouse figures exercises grade gpu lock clean

help:
	@echo "make serve     read the course on http://127.0.0.1:$(PORT)"
	@echo "make test      check what the course says, shows and computes: code, pages, records, figures, the built site"
	@echo "make test-all  run every test: also the programs, every page in a browser and every figure, as CI does"
	@echo "make check     what needs no test: layout, style, types, declared imports"
	@echo "make site      build the site into site/"
	@echo "make notebooks  run every notebook of the site as a reader would: with the wheel, on the newest packages"
	@echo "make pdf       the whole course as one PDF, site/going-deeper.pdf, and its slides (needs Chromium)"
	@echo "make slides    each deck as PDF, with and without notes, in site/slides/ (needs Chromium)"
	@echo "make release   the wheel, the PDF, the site and the notebooks as files of a release, in release/ (TAG=v0.1.0)"
	@echo "make lighthouse  measure every page's speed and accessibility (needs Chromium and Node)"
	@echo "make figures   run the embedded experiments that are not recorded, redraw every figure (FRESH=1: run all anew)"
	@echo "make exercises write the exercises to work on into exercises/; answers that lie there are kept"
	@echo "make grade     check what a class has handed in (FOLDER=submissions)"
	@echo "make gpu       the first half hour on a GPU: is it right, where does the time go, how fast is it, a first training"
	@echo "make lock      resolve requirements.txt anew from pyproject.toml"
	@echo "make clean     remove .venv, site/ and caches"

# Due again where it was made elsewhere (for a clone that has moved since, or before the set-up wrote down where),
# or when a system upgrade has taken away the interpreter that it was made with.
$(shell [ "$$(cat $(ready) 2>/dev/null)" = "$(CURDIR)" ] && .venv/bin/python -c "" 2>/dev/null || rm -f $(ready))

$(ready): requirements.txt scripts/setup.py
	@$(PYTHON) scripts/setup.py

# The figures are drawn anew when the course or a record has changed since.
drawn := .cache/drawn
$(drawn): $(ready) $(shell find course figures/runs -name "*.py" -o -name "*.csv" -o -name "*.json")
	@$(python) scripts/render.py
	@mkdir -p .cache && touch $@

serve: $(ready) $(drawn)
	@$(python) -m sitetools.commands.serving "$(PORT)"
	@$(python) -m mkdocs serve --dev-addr 127.0.0.1:$(PORT)

# In as many processes as there are cores. The files keep their order: the long ones come first.
pytest := $(python) -m pytest -n auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder

test: $(ready)
	@$(pytest) -m "not slow"

test-all: $(ready)
	@$(pytest)

# In seconds: pre-commit and CI run it, too.
check: $(ready)
	@$(python) -m ruff format --check .
	@$(python) -m ruff check .
	@$(python) -m mypy
	@$(python) -m deptry .
	@.venv/bin/lint-imports --no-logo

site: $(ready)
	@$(python) -m mkdocs build --strict
	@echo "the site is in site/: open site/index.html"

# In an environment of its own, which has the course from the wheel of the site and the newest packages that it allows.
notebooks: site
	@.venv/bin/uv venv --quiet --clear --python $(python) .cache/notebooks
	@.venv/bin/uv pip install --quiet --python .cache/notebooks site/notebooks/*.whl ipykernel nbclient sybil
	@.cache/notebooks/bin/python -m sitetools.commands.notebooks

pdf: export PDF = going-deeper.pdf
pdf: slides
	@$(python) -m sitetools.commands.pdf

slides: site
	@$(python) -m sitetools.commands.slides

# What is attached to a release: .github/workflows/release.yml calls it with the tag.
release: pdf
	@$(python) -m sitetools.commands.release "$(TAG)"

# lighthouserc.json says what is asked for; the reports lie in .lighthouseci/.
lighthouse: site
	@CHROME_PATH="$$($(python) -m sitetools.commands.browser)" npx --yes @lhci/cli@0.15.1 autorun

figures: $(ready)
	@$(python) scripts/train.py $(if $(FRESH),--fresh)
	@$(python) scripts/render.py

exercises: $(ready)
	@$(python) -m sitetools.commands.exercises

# make grade FOLDER=submissions, or ONLY="vgg relu" of it
grade: $(ready)
	@$(python) -m sitetools.commands.grade "$(FOLDER)" $(ONLY)

# In steps of under ten minutes each. On a machine that has PyTorch already: make gpu python=python3
gpu: $(if $(filter .venv/%,$(python)),$(ready))
	$(python) -m pytest tests/course/test_cuda.py
	$(python) scripts/kernels.py --device cuda
	$(python) scripts/benchmark.py --device cuda
	$(python) scripts/train.py cifar10/resnet-20 --device cuda

lock: $(ready)
	.venv/bin/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -o requirements.txt

clean:
	rm -rf .venv site release .cache .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .lighthouseci
