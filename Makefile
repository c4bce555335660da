# One command: `make run`. `make help` lists the others.

PYTHON ?= $(shell command -v python3.11 || echo python3)
VENV := .venv
BIN := $(VENV)/bin
# Tests are spread over this many processes; 0 runs them in one.
TEST_PROCESSES ?= 2
# The kernel tells the service to stop should make itself be killed.
WITH_PARENT := $(shell command -v setpriv >/dev/null 2>&1 && echo setpriv --pdeathsig TERM)

# What `uv pip sync` made the environment from: a change in either lock, or in which one is wanted, makes it anew.
RUN_STAMP := $(VENV)/.synced-run
DEV_STAMP := $(VENV)/.synced-dev
ASSETS := static/vendor/icons.svg
MESSAGES := $(wildcard locale/*/LC_MESSAGES/*.po)
COMPILED := $(MESSAGES:.po=.mo)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test check bench lock messages requirements assets clean

help: ## List the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

run: $(RUN_STAMP) $(ASSETS) $(COMPILED) ## Start everything here; PORT, ITSM_DATA, ITSM_DEMO=0, DATABASE_URL, REDIS_URL
	@exec $(WITH_PARENT) $(BIN)/python manage.py up

test: $(DEV_STAMP) $(ASSETS) $(COMPILED) ## Run the tests, with a PostgreSQL and Redis of their own
	$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadgroup $(ARGS)

check: $(DEV_STAMP) $(COMPILED) ## Lint, format, types, layers, templates, migrations, catalogues
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	find templates -name '*.html' -print0 | xargs -0 $(BIN)/djade --target-version 5.2 --check
	$(BIN)/python -m itsm.messages check
	$(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

bench: $(DEV_STAMP) ## Measure at 10,000 to 1,000,000 incidents (takes a while)
	$(BIN)/python -m benchmarks $(ARGS)

lock: $(DEV_STAMP) ## Resolve the dependencies anew: versions and hashes, no addresses
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--upgrade pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--upgrade pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	npm install --package-lock-only --ignore-scripts

messages: $(DEV_STAMP) ## Collect the texts to translate into locale/ (needs gettext) and compile them
	$(BIN)/python manage.py makemessages --locale zh_Hans --locale zh_Hant --no-obsolete --add-location file \
		--ignore '.venv/*' --ignore 'node_modules/*' --ignore 'tests/*' --ignore 'static/vendor/*'
	$(BIN)/python manage.py makemessages --domain djangojs --locale zh_Hans --locale zh_Hant --no-obsolete \
		--add-location file --ignore '.venv/*' --ignore 'node_modules/*' --ignore 'static/vendor/*'
	$(BIN)/python -m itsm.messages compile

requirements: $(DEV_STAMP) ## Which requirements have a passing test
	$(BIN)/python -m tests.requirements

assets: ## Fetch the browser files again
	rm -rf $(ASSETS) && $(MAKE) --no-print-directory $(ASSETS)

clean: ## Remove everything that was made here, except your data
	rm -rf $(VENV) node_modules static/vendor fonts .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find locale -name '*.mo' -delete

$(BIN)/uv:
	@echo "Making the environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.8"

# The tests need all that the service needs: what test and check have made is good enough to run.
$(RUN_STAMP): requirements.lock | $(BIN)/uv
	@if [ -e $(DEV_STAMP) ] && [ ! requirements-dev.lock -nt $(DEV_STAMP) ]; then :; else \
		echo "Installing Python packages ..."; \
		$(BIN)/uv pip sync --quiet --python $(BIN)/python requirements.lock && \
		$(BIN)/python -m pip --version >/dev/null 2>&1; rm -f $(DEV_STAMP); fi
	@touch $@

$(DEV_STAMP): requirements-dev.lock requirements.lock | $(BIN)/uv
	@echo "Installing Python packages, with those for tests ..."
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python requirements-dev.lock
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json
	@echo "Fetching browser files ..."
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(ASSETS): itsm/assets.py node_modules/.package-lock.json
	@$(BIN)/python -m itsm.assets

%.mo: %.po | $(BIN)/uv
	@$(BIN)/python -m itsm.messages compile $<
