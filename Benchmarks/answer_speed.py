#!/usr/bin/env python3
"""Decode speed of whole answers with two builds, in turns: what drawing tokens, and noting how, costs.

    Benchmarks/answer_speed.py --base OTHER/pare [--pare .build/release/pare] [--rounds 10] [-n 256] [MODEL …]

Each round answers the same prompt once with each build and each way of drawing: the likeliest token, the usual chain, and
the chain with penalties. The table has the medians of `decode_tok_per_s` and the median of the ratios within rounds; the
answers must have the same tokens.
"""

import argparse
import json
import statistics
import subprocess

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--pare", default=".build/release/pare")
parser.add_argument("--base", required=True)
parser.add_argument("--rounds", type=int, default=10)
parser.add_argument("-n", type=int, default=256)
parser.add_argument("models", nargs="*", default=["SmolLM2-135M-Instruct", "gemma-3-270m", "Qwen2.5-Coder-1.5B-Instruct"])
options = parser.parse_args()

ways = {
    "likeliest": ["--temp", "0", "--repeat-penalty", "1"],
    "chain": ["--temp", "0.8", "--top-k", "40", "--top-p", "0.95", "--min-p", "0.05", "--repeat-penalty", "1"],
    "penalties": ["--temp", "0.8", "--top-k", "40", "--top-p", "0.95", "--min-p", "0.05", "--repeat-penalty", "1.1"],
}


def answer(program, model, way):
    """Decode speed in tokens a second, and the ids of the tokens."""
    # Without the end of the turn, so that answers are of one length.
    result = subprocess.run(
        [program, "run", "--json", "-m", model, "--raw", "-p", "Once upon a time", "-n", str(options.n), "--seed", "1",
         *ways[way]], capture_output=True, check=True)
    report = json.loads(result.stdout)
    return report["decode_tok_per_s"], report["token_ids"]


print("| model | drawn by | base, tok/s | new, tok/s | ratio |\n|---|---|---|---|---|")
for model in options.models:
    for way in ways:
        pairs = []
        for turn in range(options.rounds):
            programs = [options.base, options.pare]
            if turn % 2:
                programs.reverse()
            speeds = {program: answer(program, model, way) for program in programs}
            if speeds[options.base][1] != speeds[options.pare][1]:
                raise SystemExit(f"{model}, {way}: the builds draw other tokens")
            pairs.append((speeds[options.base][0], speeds[options.pare][0]))
        base, new = (statistics.median(column) for column in zip(*pairs))
        ratio = statistics.median(b / a for a, b in pairs)
        print(f"| {model} | {way} | {base:.1f} | {new:.1f} | {ratio:.3f} |", flush=True)
