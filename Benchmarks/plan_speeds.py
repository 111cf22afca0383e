#!/usr/bin/env python3
"""What plans gain in decode speed, beside what the bytes they save promise: a Markdown table.

    Benchmarks/plan_speeds.py --pare .build/release/pare --model SmolLM2-135M-Instruct --text TEXT [--rounds 5]

Each plan runs between two runs of the baseline, round after round; the ratio of a round is the plan's speed over the
mean of its two neighbours, and the table has the median of the rounds and their spread. Bytes are those that a token
reads: weights, and keys and values at the depth of the test. "of the promise" is the ratio over that of the bytes.
Attention sublayers are dropped in the order of their similarity over TEXT.
"""

import argparse
import statistics

from peers import Pare

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--pare", default=".build/release/pare")
parser.add_argument("--model", default="SmolLM2-135M-Instruct")
parser.add_argument("--text", required=True)
parser.add_argument("--drops", default="4,8,15")
parser.add_argument("--bits", default="8,4,3,2")
parser.add_argument("--kv-bits", default="8,4")
parser.add_argument("--depths", default="0,2048")
parser.add_argument("--tokens", type=int, default=64)
parser.add_argument("--rounds", type=int, default=5)
options = parser.parse_args()
pare = Pare(options.pare)


def bench(plan, depth):
    return pare.json(
        "bench", "-m", options.model, "-c", 2304, "-p", 0, "-n", options.tokens, "-r", 1, "--depth", depth, *plan)


def rate(report):
    return report["decode"]["tok_per_s"][0]


def row(label, plan, depth):
    ratios, bytes_ratio = [], 1
    before = bench([], depth)
    for _ in range(options.rounds):
        own, after = bench(plan, depth), bench([], depth)
        ratios.append(2 * rate(own) / (rate(before) + rate(after)))
        bytes_ratio = before["bytes_per_token"] / own["bytes_per_token"]
        before = after
    median = statistics.median(ratios)
    cells = [
        label, str(depth), f"{bytes_ratio:.2f}", f"{median:.2f} ({min(ratios):.2f}–{max(ratios):.2f})",
        f"{100 * median / bytes_ratio:.0f} %"]
    print("| " + " | ".join(cells) + " |", flush=True)


ranking = pare.json("rank", "-m", options.model, "-f", options.text, "-n", 512)["attention"]
order = [entry["layer"] for entry in sorted(ranking, key=lambda entry: -entry["similarity"])]
plans = [("baseline", [])]
for count in filter(None, options.drops.split(",")):
    layers = ",".join(map(str, sorted(order[: int(count)])))
    plans.append((f"{count} attention dropped", ["--drop-attn", layers]))
plans += [(f"{bits} bits", ["--bits", bits]) for bits in options.bits.split(",") if bits]
plans += [(f"KV cache in {bits} bits", ["--kv-bits", bits]) for bits in options.kv_bits.split(",") if bits]

print("| plan | depth | fewer bytes | decode ÷ baseline | of the promise |\n|---|---|---|---|---|")
for depth in map(int, options.depths.split(",")):
    for label, plan in plans:
        if depth or "KV" not in label:
            row(label, plan, depth)
