"""`pare eval` against llama-perplexity over the same text, model by model.

    perplexity.py [--text FILE] [--chunks N] [MODEL…]

llama.cpp's number is computed as its tool does: BOS is put before the whole text where the model wants one, the text
is cut into chunks, the first token of each is replaced by BOS, and the second half of each chunk is scored.
Needs numpy, llama-cpp-python and the models (`pare pull`).
"""

import argparse
from pathlib import Path

import numpy as np
from peers import LlamaCpp, Pare

ROOT = Path(__file__).resolve().parent.parent
MODELS = ["SmolLM2-135M-Instruct", "Gemma-3-270M", "Qwen2.5-Coder-1.5B-Instruct"]
CONTEXT = 512


def llama_perplexity(llama, text, chunks):
    """Perplexity, and the error that the tool prints."""
    ids, bos = llama.tokens(text), llama.begins()
    chunks = min(chunks, len(ids) // CONTEXT)
    scores = []
    for start in range(0, chunks * CONTEXT, CONTEXT):
        chunk = ids[start : start + CONTEXT]
        logits = llama.logits(chunk if bos is None else [bos] + chunk[1:])
        for position in range(CONTEXT // 2, CONTEXT - 1):
            row = logits[position].astype(np.float64) - logits[position].max()
            scores.append(np.log(np.exp(row).sum()) - row[chunk[position + 1]])
    mean = np.mean(scores)
    return chunks, np.exp(mean), np.exp(mean) * np.sqrt(np.var(scores) / (len(scores) - 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=MODELS, metavar="MODEL")
    parser.add_argument("--pare", default=ROOT / ".build/release/pare", help="the program")
    parser.add_argument("--text", type=Path, default=ROOT / "Tests/InferenceTests/Fixtures/encyclopaedia.txt")
    parser.add_argument("--chunks", type=int, default=8)
    parser.add_argument("-t", "--threads", type=int, default=2, help="of both programs")
    options = parser.parse_args()
    pare, text = Pare(options.pare), options.text.read_bytes()
    print("| model | chunks | tokens scored | Pare | llama-perplexity | its error | difference ÷ error |")
    print("|---|---|---|---|---|---|---|")
    for name in options.models:
        path = pare.path(name)
        llama = LlamaCpp(path, CONTEXT, options.threads)
        chunks, expected, error = llama_perplexity(llama, text, options.chunks)
        limits = ["--ctx", CONTEXT, "-n", chunks * CONTEXT, "-t", options.threads]
        found = pare.json("eval", "-m", path, "-f", options.text, *limits)
        perplexity, tokens = found["perplexity"], found["tokens"]
        print(
            f"| {name} | {chunks} | {tokens} | {perplexity:.4f} | {expected:.4f} | {error:.4f}"
            f" | {abs(perplexity - expected) / error:.4f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
