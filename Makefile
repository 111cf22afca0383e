# On a new machine: `make run` or `make test`. Both install what is missing and fetch the default model once.
# Another toolchain: make SWIFT=/opt/swift/usr/bin/swift run

SWIFT ?= swift
MODEL := SmolLM2-135M-Instruct
# Tests run a second architecture too; the third model of the catalogue only where it is already there.
TEST_MODELS := $(MODEL) gemma-3-270m

# Tests need other compiler flags than the program, and SwiftPM rebuilds everything when flags change; so each
# has a build folder of its own, and neither waits for the other's. Colours are a compiler flag too, which SwiftPM
# sets on a terminal and not in a pipe.
RELEASE := -c release --no-color-diagnostics
TESTING := -c release --no-color-diagnostics --scratch-path .build-test -Xswiftc -enable-testing

# What the benchmarks compare with: a virtual environment with llama.cpp, compiled for this CPU. AMX is left out: some
# virtual machines announce it and end programs that use it.
NO_AMX = $(if $(shell grep -s -m 1 -o amx_tile /proc/cpuinfo),-mno-amx-tile -mno-amx-int8 -mno-amx-bf16)
PYTHON := .cache/benchmarks/bin/python
# With KERNELS=avx2 or avxvnni llama.cpp is compiled again, for no more than that.
PEER := $(addprefix .cache/benchmarks/,$(filter avx2 avxvnni,$(KERNELS)))

.DEFAULT_GOAL := help
.PHONY: help run test test-unit build build-tests check-neon check-replay check-commonmark fuzz sanitize soak mishaps fidelity \
	bench-peers study lint format clean

help: ## Show this
	@sed -n 's/^\([a-z-]*\):[^#]*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

run: build ## Set up, build, fetch the default model, open the terminal interface
	@.build/release/pare pull $(MODEL)
	@.build/release/pare

test: lint build-tests ## Set up, check the sources, build, fetch two models, run all tests; FILTER=NAME: only some
	@for model in $(TEST_MODELS); do .build-test/release/pare pull $$model || exit 1; done
	$(SWIFT) test $(TESTING) --skip-build --disable-xctest $(if $(FILTER),--filter '$(FILTER)')

test-unit: build-tests ## Set up, build, run the tests that need no model; FILTER=NAME: only some
	PARE_MODELS=none $(SWIFT) test $(TESTING) --skip-build --disable-xctest $(if $(FILTER),--filter '$(FILTER)')

build-tests:
	@SWIFT='$(SWIFT)' scripts/setup --tests
	@scripts/progress $(SWIFT) build $(TESTING) --build-tests

build: ## Set up and build .build/release/pare
	@SWIFT='$(SWIFT)' scripts/setup
	@scripts/progress $(SWIFT) build $(RELEASE) --product pare

check-neon: ## Compare the kernels for ARM with the scalar ones, in an emulator
	@SWIFT='$(SWIFT)' scripts/check-neon

check-commonmark: build-tests ## Compare the reading of Markdown with the examples of the specification, which are fetched
	scripts/check-commonmark $(SWIFT) test $(TESTING) --skip-build --disable-xctest --filter SpecificationTests

fuzz: ## Fuzz what untrusted bytes reach, SECONDS=60 for each target; TARGETS="toml theme": only these
	@SWIFT='$(SWIFT)' scripts/setup
	SWIFT='$(SWIFT)' scripts/fuzz $(or $(SECONDS),60) $(TARGETS)

sanitize: ## Run kernels and tests under the sanitizers; PARTS="kernels address thread": only these
	@SWIFT='$(SWIFT)' scripts/setup --tests
	SWIFT='$(SWIFT)' FILTER='$(FILTER)' scripts/sanitize $(PARTS)

mishaps: build ## Kill the program, fill its disk and take its terminal, COUNT=100 times each
	@.build/release/pare pull $(MODEL)
	scripts/mishaps --count $(or $(COUNT),100)

soak: build ## Use the interface at random for HOURS=2, and watch its memory, files and threads
	@for model in $(TEST_MODELS); do .build/release/pare pull $$model || exit 1; done
	scripts/soak --hours $(or $(HOURS),2)

fidelity: build $(PYTHON) ## Compare the engine with an exact computation and with llama.cpp
	@for model in SmolLM2-135M-Instruct Gemma-3-270M Qwen2.5-Coder-1.5B-Instruct; do \
		.build/release/pare pull $$model || exit 1; done
	$(PYTHON) Benchmarks/fidelity.py
	$(PYTHON) Benchmarks/perplexity.py
	$(PYTHON) Benchmarks/exports.py

bench-peers: build $(PYTHON) $(PEER) ## Measure the speed of the engine beside llama.cpp's; KERNELS=avx2 or avxvnni: without AVX-512
	@for model in SmolLM2-135M-Instruct Gemma-3-270M Qwen2.5-Coder-1.5B-Instruct; do \
		.build/release/pare pull $$model || exit 1; done
	$(if $(PEER),LLAMA_CPP_LIB_PATH=$(CURDIR)/$(PEER)/llama_cpp/lib) $(PYTHON) Benchmarks/speed.py $(if $(KERNELS),--kernels $(KERNELS))
	$(if $(PEER),LLAMA_CPP_LIB_PATH=$(CURDIR)/$(PEER)/llama_cpp/lib) $(PYTHON) Benchmarks/ternary.py --shapes 2B $(if $(KERNELS),--kernels $(KERNELS))

study: build $(PYTHON) ## Try the paper's findings on three models; TEXT=FILE: on a text of yours
	@for model in SmolLM2-135M-Instruct Gemma-3-270M Qwen2.5-Coder-1.5B-Instruct; do \
		.build/release/pare pull $$model || exit 1; done
	$(PYTHON) Benchmarks/study.py $(if $(TEXT),--text encyclopaedia=$(TEXT)) $(if $(SPEED),--speed)

$(PYTHON): Benchmarks/requirements.txt
	python3 -m venv .cache/benchmarks
	CMAKE_ARGS='-DGGML_NATIVE=ON -DMTMD_BUILD=OFF' CFLAGS='$(NO_AMX)' CXXFLAGS='$(NO_AMX)' \
		$(PYTHON) -m pip install -q --no-cache-dir -r $<
	touch $@

AVX2 := -DGGML_NATIVE=OFF -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON -DGGML_BMI2=ON
.cache/benchmarks/avx2 .cache/benchmarks/avxvnni: $(PYTHON)
	CMAKE_ARGS='$(AVX2) $(if $(filter %vnni,$@),-DGGML_AVX_VNNI=ON) -DMTMD_BUILD=OFF' \
		$(PYTHON) -m pip install -q --no-cache-dir --no-deps --target $@ \
		$$(grep llama-cpp-python Benchmarks/requirements.txt)
	touch $@

check-replay: build ## Play replays in a real browser: keys, mouse, figures, both themes, hostile texts; PICTURES=FOLDER keeps some
	@SWIFT='$(SWIFT)' scripts/setup --browser
	@.build/release/pare pull $(MODEL)
	scripts/check-replay $(if $(PICTURES),--pictures $(PICTURES))

lint: ## Check the format of the sources, the documents, and that targets and folders use each other in one direction
	@SWIFT='$(SWIFT)' scripts/setup
	$(SWIFT) format lint --strict -r Package.swift Sources Tests
	@for check in rooms docs papers writes cross; do \
		scripts/check-$$check --self-check && scripts/check-$$check || exit 1; done

format: ## Bring the sources into that format
	$(SWIFT) format -i -r Package.swift Sources Tests

clean: ## Remove what was built; models and sessions stay
	rm -rf .build .build-*
