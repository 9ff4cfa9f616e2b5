# Everything that is done to this repository. `make` alone says what there is.

FUZZTIME ?= 30s
EXAMPLE := examples/annotated

.PHONY: help run test generate lint golden fuzz mutate

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: generate ## generate, build and serve the example on 127.0.0.1:8080
	cd $(EXAMPLE) && go run .

test: lint ## run every test of every module, with the race detector
	go test -race ./...
	cd $(EXAMPLE) && go tool boltauthgen check ./... && go test -race ./...

generate: ## bring the example's generated code up to date
	cd $(EXAMPLE) && go generate ./...

lint: ## gofmt, go vet and staticcheck
	@test -z "$$(git ls-files '*.go' | grep -v testdata/ | xargs gofmt -l | tee /dev/stderr)"
	go vet ./... && go tool staticcheck ./...
	cd $(EXAMPLE) && go vet ./...

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
