"""`pare export` against llama.cpp: whether llama.cpp computes with an exported file what Pare computes under the plan.

    exports.py [--tokens N] [MODEL…]

Mean KL(Pare under the plan ‖ llama.cpp with the exported file) in nats over the first tokens of a text, beside the same
of the baseline and the model's own file: llama.cpp's rounding of activations, which an export adds nothing to. And how
often both have the same likeliest token. Fails above BAR. Needs numpy, llama-cpp-python and the models (`pare pull`).
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from peers import LlamaCpp, Pare

ROOT = Path(__file__).resolve().parent.parent
BAR = 0.01
PLANS = {
    "SmolLM2-135M-Instruct": [
        "--drop-attn 5,9,12-14", "--drop-attn 0", "--drop-mlp 20,29", "--drop-block 11", "--bits 8", "--bits 5",
        "--bits 4", "--bits 3", "--bits 2", "--drop-attn 9,12 --bits 4",
    ],
    "Gemma-3-270M": ["--drop-attn 6,8", "--drop-mlp 12"],
    "Qwen2.5-Coder-1.5B-Instruct": ["--drop-attn 20-24", "--drop-block 10", "--drop-attn 20-24 --bits 4"],
}


def log_softmax(logits):
    logits = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


class Comparison:
    def __init__(self, pare, options):
        self.pare = pare
        self.options = options

    def pare_logits(self, path, plan):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "logits.f32"
            text = ["-f", self.options.text, "-n", self.options.tokens, "-t", self.options.threads]
            ids = self.pare.json("score", "-m", path, *text, "--bos", "--logits", file, *plan)["ids"]
            return ids, np.fromfile(file, "<f4").reshape(len(ids), -1)

    def row(self, path, plan, file):
        """KL of llama.cpp with `file` from Pare with `path` and `plan`; the share of equal likeliest tokens."""
        ids, ours = self.pare_logits(path, plan)
        llama = LlamaCpp(str(file), self.options.tokens, self.options.threads)
        p, q = log_softmax(ours), log_softmax(llama.logits(ids))
        return (np.exp(p) * (p - q)).sum(axis=1).mean(), (p.argmax(axis=1) == q.argmax(axis=1)).mean()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=list(PLANS), metavar="MODEL")
    parser.add_argument("--pare", default=ROOT / ".build/release/pare", help="the program")
    parser.add_argument("--text", type=Path, default=ROOT / "Tests/InferenceTests/Fixtures/encyclopaedia.txt")
    parser.add_argument("--tokens", type=int, default=256)
    parser.add_argument("-t", "--threads", type=int, default=2, help="of both programs")
    options = parser.parse_args()
    pare = Pare(options.pare)
    comparison = Comparison(pare, options)
    print("| model | plan | file, MB | KL | same likeliest |")
    print("|---|---|---|---|---|")
    passed = True
    for name in options.models:
        path = pare.path(name)
        for plan in ["", *PLANS[name]]:
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "export.gguf"
                written = pare.json("export", "-m", path, "-o", file, *plan.split())
                kl, same = comparison.row(path, plan.split(), file)
                size = written["bytes"] / 1e6
                passed = passed and kl < BAR
                print(f"| {name} | {plan or 'baseline'} | {size:.0f} | {kl:.4f} | {100 * same:.1f} % |", flush=True)
    sys.exit(not passed)


if __name__ == "__main__":
    main()
