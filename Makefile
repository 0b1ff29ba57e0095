# Everything is run from here; `make help` lists it. State lives in .run/, results in out/.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PY := .venv/bin/python
TO ?=
SEED ?= 1
MINUTES ?= 20
WORKERS ?= 2
# Anything: only what fits between two edits: the domains, the readers, the contracts, one real store, one topic.
FAST ?=
FAST_TESTS := tests/services/*/domain tests/services/subscription/spreadsheet \
	tests/services/renewal/payment/statements tests/shared/text tests/shared/time \
	tests/shared/resilience tests/shared/audit/test_entries.py tests/shared/storage/test_store.py \
	tests/shared/messaging/test_broker.py tests/contracts tests/test_house.py tests/test_texts.py tests/test_groups.py
# Anything: the stack with users, TLS and a data directory of its own (docs/how-to/secure-kafka-and-mongo.md).
SECURE ?=
export GIAHAN_SECURE := $(SECURE)

.PHONY: help bootstrap browser demo up down doctor clock test sweep check lint types arch judges bench faults audit docs pictures docs-check lock

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

bootstrap:
	@deploy/local/bootstrap

browser:
	@deploy/local/bootstrap browser

demo: ## start everything for real and walk offices through their renewals
	@deploy/local/bootstrap demo
	@$(PY) -m deploy.local demo

up: bootstrap ## start everything and keep it running; prints URLs and people: make up [SECURE=1]
	@$(PY) -m deploy.local up

down: ## stop what `make up` or `make demo` started
	@[ ! -x $(PY) ] || $(PY) -m deploy.local down

doctor: ## say what this machine lacks
	@[ -x $(PY) ] || { echo "✗ chưa có .venv; chạy: make bootstrap / no .venv yet; run: make bootstrap"; exit 1; }
	@$(PY) -m deploy.local doctor

clock: bootstrap ## say the stack's time, or move it forward: make clock [TO=2026-12-31]
	@$(PY) -m deploy.local clock "$(TO)"

# The suite starts servers of its own, whatever the environment names.
test sweep bench check faults pictures: export GIAHAN_KAFKA =
test sweep bench check faults pictures: export GIAHAN_MONGO =

# The order of files is ours (tests/conftest.py). A worker that dies fails its test, and the others do the
# rest: with another in its place pytest-xdist waits for ever.
test: browser ## the whole test suite, on real Kafka, MongoDB, SMTP and Chromium: make test [WORKERS=2] [FAST=1]
	@$(PY) -m pytest $(if $(FAST),$(FAST_TESTS)) -n $(WORKERS) --dist loadfile --no-loadscope-reorder --max-worker-restart 0

sweep: browser ## the rest of the long tables that `make test` bounds: make sweep [WORKERS=2]
	@$(PY) -m pytest -m sweep -n $(WORKERS) --dist loadfile --no-loadscope-reorder --max-worker-restart 0

judges: ## have what we issue and sign judged by EU DSS, veraPDF, pdfsig, OpenSC (docs/reference/judges.md)
	@deploy/local/bootstrap judges
	@$(PY) -m tests.judges

check: bootstrap lint types arch docs-check ## lint, types, architecture, generated files

lint: bootstrap ## ruff: rules and format
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check

types: bootstrap ## mypy, strict, on code and tests
	@$(PY) -m mypy

arch: bootstrap ## who may import whom
	@.venv/bin/lint-imports

bench: bootstrap ## measure against bare baselines: make bench [ONLY=lifecycle] [SCALE=small] [KEEP=1]
	@$(PY) -m tests.bench

faults: bootstrap ## kill, cut and freeze everything, and check what came of it: make faults [SEED=1] [MINUTES=20]
	@$(PY) -m tests.faults all --seed $(SEED) --minutes $(MINUTES)

audit: bootstrap ## check the audit chains of subscriptions and renewals: nothing changed behind them
	@$(PY) -m deploy.audit subscription
	@$(PY) -m deploy.audit renewal

docs: bootstrap ## generate docs/reference from the events, and the dossier tool as one file
	@$(PY) -m deploy.reference
	@$(PY) -m tools.dossier.package

pictures: browser ## draw the pictures of pages and documents in docs/pictures again
	@$(PY) -m deploy.pictures
	@GIAHAN_PICTURES=docs/pictures/pages GIAHAN_GUIDE_PICTURES=services/renewal/guide/pictures $(PY) -m pytest -q -m "not long" tests/services/signing/signatures/pages/test_pictures.py tests/services/signing/signatures/pages/test_phone.py tests/services/signing/reports/test_pages.py tests/services/renewal/pages/test_pictures.py tests/services/renewal/dossier/test_dossier.py tests/services/renewal/dossier/test_retention.py tests/services/renewal/paper/pages/test_copy.py tests/services/renewal/paper/pages/test_intake.py tests/services/renewal/desk/pages/test_desk_pages.py tests/services/renewal/desk/pages/test_items.py tests/services/renewal/desk/pages/test_renewers.py tests/tools/sign/test_window.py

docs-check: bootstrap
	@$(PY) -m deploy.reference --check
	@$(PY) -m tools.dossier.package --check

lock: bootstrap ## pin all dependencies again, with hashes, into locks/
	@$(PY) -m deploy.locks
