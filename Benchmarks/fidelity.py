"""How far the next-token distributions of Pare and of llama.cpp are from an exact computation of the same weights:
the mean KL(exact ‖ engine) in nats over the first tokens of a text, scored at once and decoded token by token. Then how
far what Pare says of redundancy is from the exact figures (redundancy.py).

    fidelity.py                          the three models of the catalogue: `make fidelity`
    fidelity.py SmolLM2-135M-Instruct    some of them
    fidelity.py --text FILE --code FILE  other texts

Needs numpy and gguf, llama-cpp-python for llama.cpp's columns, and the models (`pare pull`).
"""

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from peers import LlamaCpp, Pare
from redundancy import Redundancy
from reference_model import ReferenceModel

ROOT = Path(__file__).resolve().parent.parent
# What Pare's mean KL may be.
BARS = {
    "SmolLM2-135M-Instruct": 0.001,
    "Gemma-3-270M": 0.0015,
    "Qwen2.5-Coder-1.5B-Instruct": 0.005,
}


def divergence(exact, logits):
    """Mean KL(exact ‖ engine) in nats, and the share of positions where both have the same likeliest token."""
    total, same = 0.0, 0
    for p, row in zip(exact, logits, strict=True):
        q = row.astype(np.float64) - row.max()
        q -= np.log(np.exp(q).sum())
        total += (np.exp(p) * (p - q)).sum()
        same += p.argmax() == q.argmax()
    return total / len(exact), same / len(exact)


def measure(pare, name, texts, tokens, threads):
    """A row of the table for each text; whether Pare keeps within its bar, and computes the same bits in both ways."""
    path = pare.path(name)
    reference = ReferenceModel(path)
    field = reference.fields.get("tokenizer.ggml.add_bos_token")
    begins = bool(field and field.contents())

    def logits(text, decodes):
        return pare.logits(path, text, tokens, threads, begins, decodes)

    scored = {kind: logits(text, decodes=False) for kind, text in texts.items()}
    exact = reference.logprob([ids for ids, _ in scored.values()])
    llama = LlamaCpp(path, tokens, threads) if find_spec("llama_cpp") else None
    passed = True
    for (kind, text), p in zip(texts.items(), exact):
        ids, at_once = scored[kind]
        decoded = logits(text, decodes=True)[1]
        figures = [divergence(p, at_once), divergence(p, decoded)]
        if llama:
            figures += [divergence(p, llama.logits(ids, decodes)) for decodes in (False, True)]
        cells = [f"{kl:.2g} ({100 * same:.1f} %)" for kl, same in figures] + ["–"] * (4 - len(figures))
        print("|", " | ".join([name, kind, *cells, str(BARS[name])]), "|", flush=True)
        passed &= np.array_equal(at_once, decoded) and figures[0][0] <= BARS[name]
    return passed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=list(BARS), metavar="MODEL")
    parser.add_argument("--pare", default=ROOT / ".build/release/pare", help="the program")
    parser.add_argument("--text", default=ROOT / "Tests/InferenceTests/Fixtures/encyclopaedia.txt")
    parser.add_argument("--code", default=ROOT / "Sources/Tokenization/Merging/SymbolMerger.swift")
    parser.add_argument("-n", "--tokens", type=int, default=256)
    parser.add_argument("-t", "--threads", type=int, default=2, help="of both programs")
    options = parser.parse_args()
    if unknown := [name for name in options.models if name not in BARS]:
        parser.error(f"{', '.join(unknown)}: the models are {', '.join(BARS)}")
    print("Mean KL in nats a token against an exact computation (same likeliest token).\n")
    print("| model | text | Pare, scored | Pare, decoded | llama.cpp, scored | llama.cpp, decoded | bar |")
    print("|---|---|---|---|---|---|---|")
    texts = {"text": options.text, "code": options.code}
    results = [measure(Pare(options.pare), name, texts, options.tokens, options.threads) for name in options.models]
    print(f"\nSimilarity and damage of single drops over {Redundancy.TOKENS} tokens, against the exact figures.\n")
    print("| model | similarity, largest difference | damage (KL), largest difference | drops |")
    print("|---|---|---|---|")
    results += [Redundancy(Pare(options.pare), name, options.text).passes() for name in options.models]
    if not all(results):
        sys.exit("Pare is over its bar, or scoring and decoding differ")


if __name__ == "__main__":
    main()
