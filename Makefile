# Everything that is done to this repository. `make` alone says what there is.

FUZZTIME ?= 30s
EXAMPLE := examples/annotated
GENERATED := $(EXAMPLE) bench browser  # modules with directives
OTHERS := $(GENERATED) cmd/boltauthgen-key cmd/boltauthgen-revoke runtime/otelobserver runtime/promobserver runtime/redisstore internal/storeurl integration interop # modules of their own

.PHONY: help run test peers chromium generate lint golden fuzz mutate

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## generate, build and serve the example on 127.0.0.1:8080
	cd $(EXAMPLE) && go generate ./... && go run .

test: lint peers chromium ## run every test of every module, with the race detector
	go test -race ./...
	@set -e; for module in $(GENERATED); do echo "$$module: check"; (cd $$module && go tool boltauthgen check ./...); done
	@set -e; for module in $(OTHERS); do echo "$$module: test"; (cd $$module && go test -race -timeout 20m ./...); done
	cd $(EXAMPLE) && go test -run Guesses . # all 100,000, which take too long with the race detector

peers: ## install what tests talk to: PyJWT, jose, jsonwebtoken, PostgreSQL, MariaDB, Redis, Django
	interop/install
	integration/install
	runtime/redisstore/install

chromium: ## install the browser that the tests of browser drive
	browser/install

generate: ## bring the generated code up to date
	@set -e; for module in $(GENERATED); do (cd $$module && go generate ./...); done

lint: ## gofmt, go vet and staticcheck
	@test -z "$$(git ls-files '*.go' | grep -v testdata/ | xargs gofmt -l | tee /dev/stderr)"
	go vet ./... && go tool staticcheck ./...
	@set -e; for module in $(OTHERS); do echo "$$module: vet"; (cd $$module && go vet ./...); done

golden: ## rewrite the wanted results under testdata/golden; read the difference before you commit it
	go test ./gen -run Golden -update

fuzz: ## fuzz every parser for FUZZTIME each
	@set -e; for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			echo "$$package $$target"; go test $$package -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME); \
		done; \
	done

mutate: ## break the emitter, the checks and the run time in small ways, and show that a test fails for each
	go run ./internal/mutate
