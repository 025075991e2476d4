# Vårdrum: `make run` starts the whole product, `make test` checks all of it, `make help` lists the rest.

SHELL := /bin/sh
PY := .venv/bin/python
SCHEME := $(if $(TLS),--tls,)

.DEFAULT_GOAL := help
# Every target is a command; none names a file.
.PHONY: $(shell grep -oE '^[a-z0-9-]+:' $(MAKEFILE_LIST) | tr -d :)

help: ## list the commands
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

run: ## start the product with demo people (TLS=1: also for a phone on the same network)
	@infra/venv.sh run
	@$(PY) infra/build_client.py
	@exec $(PY) -m server.main serve --demo $(SCHEME)

cluster: ## run a whole cluster on this machine: 3 servers and 2 media nodes behind haproxy (PORT=…)
	@infra/system-packages.sh cluster
	@infra/venv.sh run
	@$(PY) infra/build_client.py
	@exec $(PY) -m infra.cluster up $(if $(PORT),--port $(PORT))

cluster-down: ## end it, from another terminal
	@$(PY) -m infra.cluster down

test: ## set everything up and run every check and test
	@infra/system-packages.sh & packages=$$!; infra/venv.sh dev; made=$$?; wait $$packages && exit $$made
	@$(MAKE) --no-print-directory -j2 --output-sync=target client lint typecheck
	@$(MAKE) --no-print-directory contracts unit e2e

dev-setup:
	@infra/venv.sh dev

client: dev-setup ## build the web client; its types, lint, tests and size
	$(PY) infra/build_client.py lint typecheck test
	$(PY) infra/build_client.py
	$(PY) infra/build_client.py size

lint: dev-setup ## ruff: rules and format
	.venv/bin/ruff check
	.venv/bin/ruff format --check

typecheck: dev-setup ## mypy, strict
	.venv/bin/mypy

contracts: dev-setup ## which room may import which; are the generated types fresh
	.venv/bin/lint-imports
	$(PY) infra/build_client.py types:check

unit: dev-setup ## unit, property, fuzz and integration tests
	$(PY) -m pytest -n auto --dist worksteal -m "not browser" tests

fuzz: dev-setup ## a million mutated inputs for everything that parses (TARGETS=…, COUNT=…, SEED=…)
	$(PY) -m tests.fuzz $(TARGETS) $(if $(COUNT),--count $(COUNT)) $(if $(SEED),--seed $(SEED))

schemathesis: dev-setup ## many more requests, others each time, against the API's description
	VARDRUM_API_EXAMPLES=$${VARDRUM_API_EXAMPLES:-200} $(PY) -m pytest -n auto tests/server/app/test_conformance.py

e2e: dev-setup ## browser tests: in Chromium, Firefox, one of each (EVERYWHERE=1: all in all)
	$(PY) infra/build_client.py
	$(if $(EVERYWHERE),VARDRUM_E2E_EVERYWHERE=1 )$(PY) infra/browser_tests.py

lighthouse: dev-setup ## Lighthouse on a slow phone: start, login and the queue (writes build/lighthouse)
	$(PY) -m infra.measure_pages

types: dev-setup ## generate the client's types from the wire and the API
	$(PY) infra/build_client.py types

licences: dev-setup ## write docs/licences.md anew from what is locked and built
	$(PY) infra/build_client.py
	$(PY) infra/licences.py

format: dev-setup ## format Python and TypeScript
	.venv/bin/ruff check --fix-only
	.venv/bin/ruff format
	$(PY) infra/build_client.py format

lock: dev-setup ## resolve the dependencies anew into hash-pinned lock files
	.venv/bin/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-emit-trusted-host --no-header --allow-unsafe --strip-extras --extra dev \
	  -o requirements/dev.txt pyproject.toml
	.venv/bin/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-emit-trusted-host --no-header --allow-unsafe --strip-extras --extra build \
	  -c requirements/dev.txt -o requirements/run.txt pyproject.toml

bench: dev-setup ## measure against baselines in one run (ARMS="claims media": only these); writes build/bench/
	$(PY) -m tests.bench $(ARMS)

bench-media: dev-setup ## the relay beside Janus (apt-get install janus), MediaRelay and no server; 5 minutes
	$(PY) -m tests.bench relay

bench-journey: dev-setup ## a visit from login to goodbye, on both databases (ROUNDS=1; ONLY=embedded); writes build/bench/
	$(PY) -m tests.bench.journey $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(ONLY),--only $(ONLY))

bench-signaling: dev-setup ## our socket beside Node's socket.io and python-socketio (ROUNDS=1); writes build/bench/
	$(PY) -m tests.bench.signaling $(if $(ROUNDS),--rounds $(ROUNDS))

bench-day: dev-setup ## the peak day, a fiftieth of it (SCALE=0.1; FULL=1: all; ONLY=growth; ON=cluster); writes build/bench/
	$(PY) -m tests.bench.day $(if $(FULL),--full) $(if $(SCALE),--scale $(SCALE)) \
	  $(foreach each,$(ONLY),--only $(each)) $(foreach each,$(ON),--on $(each))

soak: dev-setup ## 500 visits come and go over two media workers; nothing may be left of them
	$(PY) -m tests.bench.soak

chaos: dev-setup ## minutes of kills, freezes and cuts under robots; nothing acknowledged may be lost (SEED=… replays)
	$(PY) -m tests.chaos.commits $(if $(SEED),--seed $(SEED))
	$(PY) -m tests.chaos $(if $(SEED),--seed $(SEED)) $(foreach each,$(ARMS),--arm $(each))

clean: ## remove what was built (never the data folder)
	rm -rf .venv build dist server/static web-client/node_modules infra/lighthouse/node_modules \
	  tests/bench/signaling_peer/node_modules
