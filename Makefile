# make demo   set up, train on a real German PDF and ask three questions (no key, no GPU, no network but the package index)
# make test   set up and run the tests
# make check  lint, types, translations and generated pages
# make base   pre-train the embedded base model from text alone, two hours on one core (see base/README.md)
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test check acceptance format docs base clean

$(READY): pyproject.toml constraints.txt scripts/install.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Academy needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python scripts/install.py
	touch $(READY)

demo: $(READY)
	$(BIN)/python scripts/demo.py

test: $(READY)
	$(BIN)/python -m pytest -m "not acceptance"

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell docs README.md CHANGELOG.md
	$(BIN)/python scripts/generate.py --check

acceptance: $(READY)
	$(BIN)/python -m pytest -m acceptance -v -s

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY)
	$(BIN)/python scripts/generate.py

# Whatever stands in base/work is continued: pre-training resumes from its last checkpoint.
MINUTES ?= 120
base: $(READY)
	@test -d "$(ACADEMY_DATA)" || { echo "make base ACADEMY_DATA=FOLDER: the folder that holds text/ and qa/, see base/README.md"; exit 1; }
	$(BIN)/python base/corpus.py --out base/work
	$(BIN)/python base/tokenizer.py --work base/work
	$(BIN)/python base/encode.py --work base/work --megabytes 40
	$(BIN)/python base/wiki_questions.py --work base/work --megabytes 40
	$(BIN)/python base/lexicon.py --work base/work
	$(BIN)/python base/pretrain.py --work base/work --preset cpu --set minutes=$(MINUTES)
	$(BIN)/python base/evaluate.py --work base/work --model base/work/runs/base/model \
		--against $(ACADEMY_DATA)/models/nano-preview --twin --out base/work/figures.jsonl

clean:
	rm -rf $(VENV) demo build dist .mypy_cache .ruff_cache .pytest_cache
