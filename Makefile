# Each target is one line of work; `make help` lists them.
export PYTHONPATH := .
export GRADIO_ANALYTICS_ENABLED := False
export LANGGRAPH_CLI_NO_ANALYTICS := 1
PYTHON ?= python3.11
MTRAG ?= ../shared/data/mtrag_un/dev.jsonl
KNOWLEDGE := $(if $(KB),KEFU_KB=$(KB))
BIN := .venv/bin
QUICK := --quiet --disable-pip-version-check

.PHONY: all help demo chat serve dev ingest test check fix eval eval-model lock test-bge test-finetune test-quantize test-vllm clean

all: .venv/dev.done ## install everything for work on Kefu into .venv

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.venv/core.done: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install $(QUICK) --require-hashes --no-deps -r requirements.lock
	@touch $@

.venv/dev.done: .venv/core.done requirements-dev.lock
	$(BIN)/pip install $(QUICK) --require-hashes --no-deps -r requirements-dev.lock
	@touch $@

demo: .venv/core.done ## chat page on http://127.0.0.1:7860; other knowledge with KB=FILE
	$(KNOWLEDGE) $(BIN)/python -m ui serve

chat: .venv/core.done ## chat in the terminal
	$(KNOWLEDGE) $(BIN)/python -m ui chat

serve: demo ## the same as demo

dev: .venv/dev.done ## LangGraph development server on http://127.0.0.1:2024
	$(BIN)/python -m langgraph_cli dev --no-browser --port 2024

ingest: .venv/core.done ## load knowledge: make ingest KB=FILE
	$(BIN)/python -m tools.ingest $(KB)

test: .venv/dev.done ## all tests that need no server of others
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.venv-bge/done: .venv/dev.done
	$(PYTHON) -m venv .venv-bge
	$(abspath $(BIN))/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > $$(.venv-bge/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/kefu.pth
	.venv-bge/bin/pip install $(QUICK) torch==2.13.0 transformers==5.23.0 sentence-transformers==6.2.0 FlagEmbedding==1.4.2 onnxscript==0.7.2
	@touch $@

test-bge: .venv-bge/done ## the tests of BGE models that need torch; first run puts 1.5 GB into .venv-bge, beside .venv
	HF_HUB_OFFLINE=1 OMP_NUM_THREADS=1 .venv-bge/bin/python -m pytest -m bge

.venv-finetune/done: .venv/dev.done
	$(PYTHON) -m venv .venv-finetune
	$(abspath $(BIN))/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > $$(.venv-finetune/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/kefu.pth
	.venv-finetune/bin/pip install $(QUICK) torch==2.13.0 transformers==5.23.0 trl==1.16.0 peft==0.21.2 datasets==5.2.0 accelerate==1.15.0 sacrebleu==2.6.0
	@touch $@

test-finetune: .venv-finetune/done ## fine-tuning with TRL on a tiny model; first run puts 1.5 GB into .venv-finetune
	HF_HUB_OFFLINE=1 OMP_NUM_THREADS=1 .venv-finetune/bin/python -m pytest -m finetune

.venv-quantize/done: .venv/dev.done # llm-compressor wants an older transformers than TRL
	$(PYTHON) -m venv .venv-quantize
	$(abspath $(BIN))/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > $$(.venv-quantize/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/kefu.pth
	.venv-quantize/bin/pip install $(QUICK) torch==2.13.0 llmcompressor==0.14.0.1
	@touch $@

test-quantize: .venv-quantize/done ## quantizing with llm-compressor on a tiny model; first run puts 1.5 GB into .venv-quantize
	HF_HUB_OFFLINE=1 OMP_NUM_THREADS=1 .venv-quantize/bin/python -m pytest -m quantize

test-vllm: .venv/dev.done ## the model contract against a real vLLM on the CPU; first run puts 3.5 GB into .venv-vllm
	PYTHON=$(BIN)/python bash tests/vllm/run.sh

check: .venv/dev.done ## style, types and import rules
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

fix: .venv/dev.done ## mend style
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

eval: .venv/core.done ## retrieval and routing on the sample company
	$(BIN)/python -m eval retrieval --kb data/kb --queries data/eval/queries.jsonl && $(BIN)/python -m eval routing --kb data/kb --queries data/eval/queries.jsonl

eval-model: .venv/core.done ## what a model adds: make eval-model KEFU_LLM__BASE_URL=http://HOST:8000/v1 [MTRAG=FILE] [ARGS="--limit 20"]
	@mkdir -p var/eval
	$(BIN)/python -m eval model --mtrag $(MTRAG) --json var/eval/model.json --markdown var/eval/model.md $(ARGS)

lock: ## pin all versions anew (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q -U -o requirements.lock
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q -U -c requirements.lock -o requirements-dev.lock
	uv pip compile pyproject.toml --extra chroma --extra postgres --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q -U -c requirements-dev.lock $$(sed -n 's/^\([A-Za-z0-9_.-]*\).*==.*/--no-emit-package \1/p' requirements-dev.lock) -o requirements-ci.lock

clean: ## remove the environment and all data of the demo
	rm -rf .venv var
