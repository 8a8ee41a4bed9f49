# The tools of node_modules come first: `node` there is Node.js 26, whatever the machine has.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

STACK := node packages/local-stack/src/cli.ts
INSTALLED := node_modules/.package-lock.json
TRIVY := 0.69.3

##@ Start here

.PHONY: help
help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z][a-z-]*:.*## / { printf "  %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: install
install: $(INSTALLED) ## Install the npm packages, if package-lock.json asks for it

# Without warnings that npm's own Node is older than the one in the packages, which every script uses.
$(INSTALLED): package-lock.json
	npm ci --loglevel=error
	@touch $@

##@ The local stack (PORT_OFFSET, VALERIX_HOME and more: npx node packages/local-stack/src/cli.ts up --help)

.PHONY: up
up: install ## Start everything: databases, services, dashboard; Ctrl-C stops it
	@$(STACK) up

.PHONY: status
status: install ## Show each process: its port, uptime and health
	@$(STACK) status || true

.PHONY: stop
stop: install ## Stop the stack of another terminal, or what a killed one left
	@$(STACK) stop

.PHONY: logs
logs: install ## Follow all logs, or one with NAME=order-service
	@$(STACK) logs $(if $(findstring command,$(origin NAME)),$(NAME)) || true

.PHONY: reset
reset: install ## Delete the databases, logs and secrets in .valerix (asks; YES=1 answers)
	@$(STACK) reset

.PHONY: sign-in
sign-in: install ## Print a new one-time link that signs an operator in on the dashboard
	@$(STACK) sign-in

.PHONY: halt
halt: install ## End all faults now, and say which process has confirmed it
	@$(STACK) halt

.PHONY: redrive
redrive: install ## Requeue dead letters: ARGS=--all, ARGS="--item ps5", ARGS=ORDER_ID
	@$(STACK) redrive $(ARGS)

##@ Speed

.PHONY: bench
bench: install test-deps ## Measure limits and system side by side (20 minutes; QUICK=1: a few; ONLY="closed-50 held": single cases)
	@QUICK=$(QUICK) node bench/src/cli.ts $(if $(ONLY),--only $(ONLY))

.PHONY: bench-pressure
bench-pressure: install test-deps ## Compare with a plain one-process shop, and measure under pressure (10 minutes; QUICK=1: two)
	@QUICK=$(QUICK) node bench/src/cli.ts --pressure

.PHONY: bench-halts
bench-halts: install ## Measure how soon chaos ends after a halt (20 minutes; HALTS=5: a few)
	@node bench/src/halts/cli.ts --halts $(or $(HALTS),50)

.PHONY: bench-history
bench-history: install ## Measure restarts, reads, checks and the drop of a period after ORDERS=1000000 (ten million: 20 GB)
	@node bench/src/history/cli.ts --orders $(or $(ORDERS),1000000)

##@ Monitoring (PROMETHEUS_PORT, ALERTMANAGER_PORT, ALERT_WEBHOOK_URL)

.PHONY: monitoring
monitoring: install ## Prometheus with our alerts against the running stack; Ctrl-C stops it
	@node monitoring/src/main.ts

##@ Containers

.PHONY: secrets
secrets: install ## Write random passwords for compose and Kubernetes; existing ones stay
	@node k8s/src/write-secrets.ts

.PHONY: compose-up
compose-up: secrets ## Build the images and start everything with docker compose
	docker compose up --build --detach --wait
	@echo
	@echo "  dashboard    http://localhost:$${DASHBOARD_PORT:-3000}"
	@echo "  Grafana      http://localhost:$${GRAFANA_PORT:-3030}"
	@echo "  Prometheus   http://localhost:$${PROMETHEUS_PORT:-9090}"
	@echo "Passwords are in .env (DASHBOARD_PASSWORD for operator@valerix.local; GRAFANA_PASSWORD for the user admin)."

.PHONY: compose-down
compose-down: ## Stop the containers and keep the data (docker compose down --volumes deletes them)
	docker compose down

.PHONY: kind-up
kind-up: secrets ## Build, load and deploy into a Kubernetes cluster on this machine (kind)
	@k8s/overlays/kind/up.sh

.PHONY: kind-test
kind-test: ## Place an order in that cluster, repeat it, and read the audit's verdict
	@k8s/overlays/kind/test.sh

.PHONY: cluster-test
cluster-test: secrets ## Test the manifests, then the whole in the cluster of KUBECONFIG: apply, break, back up, delete; one table
	npx vitest run --project unit k8s/test
	@node k8s/test/cluster/cli.ts

.PHONY: scan-images
scan-images: secrets ## Build every image and fail on fixable high findings (Trivy, in a container)
	docker compose --profile payments build
	docker build --target laboratory --build-arg SERVICE=gameday --tag valerix/laboratory:$$(node -p 'require("./package.json").version') .
	@for image in $$(docker images --filter 'reference=valerix/*' --format '{{.Repository}}:{{.Tag}}'); do \
	  docker run --rm --volume /var/run/docker.sock:/var/run/docker.sock --volume valerix-trivy:/root/.cache \
	    aquasec/trivy:$(TRIVY) image --quiet --severity HIGH,CRITICAL --ignore-unfixed --exit-code 1 "$$image"; \
	done

##@ Game days

.PHONY: gameday
gameday: install ## Break a fresh stack for two minutes and prove that nothing was lost; NAME=flash-sale for another experiment
	@node gameday/src/cli.ts run $(or $(if $(findstring command,$(origin NAME)),$(NAME)),mix)

.PHONY: gameday-matrix
gameday-matrix: install ## Take each defence out in turn and show what breaks without it (20 minutes); writes docs/defences.md
	@node gameday/src/cli.ts matrix

.PHONY: sim
sim: install ## Play broken worlds in one process: SEEDS=1000, one seed with SEED=7, a file with REPLAY=…
	@node simulation/src/cli.ts $(if $(REPLAY),--replay $(REPLAY),$(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),100)))

.PHONY: sim-pairs
sim-pairs: install ## Play one order with every fault, then with pairs of faults (MINUTES=5 for each of three orders and for the planted fault; ARGS=--help)
	@node simulation/test/sim-pairs.ts $(if $(MINUTES),--minutes $(MINUTES)) $(ARGS)

.PHONY: sim-record
sim-record: install ## Record the hashes of the first seeds, which make test compares on every machine while the sources are the same
	@node simulation/test/record-hashes.ts

.PHONY: sim-planted
sim-planted: install ## Plant each known fault in the services and count the seeds until one finds it (ONLY=part of a name)
	@node simulation/test/find-planted.ts $(if $(ONLY),--only "$(ONLY)")

.PHONY: model
model: install ## Search every state of the rules about two orders, and tell how each sabotage breaks them (two minutes)
	@node --max-old-space-size=6144 gameday/src/model/cli.ts

.PHONY: check-data
check-data: install ## Compare the databases of the running stack, order by order
	@node gameday/src/cli.ts check --running

##@ Checks

.PHONY: verify
verify: install ## Types, lint, dead code and unit tests: no server needed
	npm run types
	npm run lint
	npm run dead-code
	npm run test:unit

.PHONY: test
test: install test-deps ## Everything: verify, then component, system and load tests
	npm run types
	npm run lint
	npm run dead-code
	npm test

.PHONY: test-component test-system test-load
test-component test-system test-load: install test-deps ## One kind of test alone
	npx vitest run --project $(@:test-%=%)

.PHONY: fuzz
fuzz: install test-deps ## Send each service RUNS=20000 requests made from its OpenAPI document; SEED=… repeats a failure
	@RUNS=$(or $(RUNS),20000) SEED=$(or $(SEED),$$RANDOM) npx vitest run --project component test/openapi-fuzz.component.test.ts

.PHONY: access-sabotage
access-sabotage: install test-deps ## Take each guard of who may do what out in turn, and run the test that must notice
	@node scripts/access-sabotage.ts

.PHONY: mutation
mutation: install ## Change the rules, the checker and the batcher bit by bit: a unit test must fail each time (half an hour; docs/mutation.md has the variables)
	@ONLY="$(ONLY)" FORCE=$(FORCE) SEEDS=$(SEEDS) nice node test/mutation/cli.ts

.PHONY: test-deps
test-deps: install ## Install what the tests need from outside npm
	@$(STACK) deps redis prometheus alertmanager chromium

.PHONY: generate
generate: install ## Write every generated file: compose, manifests, rules, dashboards, docs
	npm run generate

.PHONY: sbom
sbom: ## List every npm package of the product as CycloneDX, in sbom.cdx.json
	npm sbom --package-lock-only --omit=dev --sbom-format=cyclonedx --sbom-type=application > sbom.cdx.json

.PHONY: format
format: install ## Format and fix what can be fixed
	npm run format

.PHONY: clean
clean: ## Delete the npm packages and build results; the data in .valerix stays
	rm -rf node_modules frontend/.next coverage
