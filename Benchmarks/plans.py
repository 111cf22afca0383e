#!/usr/bin/env python3
"""What plans cost in quality: a Markdown table of drops, with each healing, of widths and of KV-cache widths.

    Benchmarks/plans.py --pare .build/release/pare --model SmolLM2-135M-Instruct --text TEXT [--tokens 1024]

Attention sublayers are dropped in the order of their similarity (`pare rank`) over TEXT's second half, while the first
is judged. What plans gain in speed: plan_speeds.py.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

parser = argparse.ArgumentParser()
parser.add_argument("--pare", default=".build/release/pare")
parser.add_argument("--model", default="SmolLM2-135M-Instruct")
parser.add_argument("--text", required=True)
parser.add_argument("--tokens", type=int, default=1024)
parser.add_argument("--drops", default="0,2,4,6,8,10,12,15")
parser.add_argument("--bits", default="native,8,6,5,4,3,2,ternary,1")
parser.add_argument("--kv-bits", default="8,4")
options = parser.parse_args()


def pare(command, *arguments):
    line = [options.pare, command, "-m", options.model, "--json", *arguments]
    return json.loads(subprocess.run(line, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout)


def row(label, plan):
    figures = pare("eval", "-f", options.text, "-n", str(options.tokens), *plan)
    cells = [
        label, f"{figures['bits_per_weight']:.2f}", f"{figures['bytes_per_token'] / 1e6:.1f}",
        f"{figures['kv_bytes_per_token'] / 1024:.1f}", f"{figures['kl_mean']:.4f}", f"{figures['perplexity']:.1f}",
        f"{100 * figures['same_top']:.1f}"]
    print("| " + " | ".join(cells) + " |", flush=True)


text = pathlib.Path(options.text).read_text()
with tempfile.NamedTemporaryFile("w", suffix=".txt") as half:
    half.write(text[len(text) // 2:])
    half.flush()
    ranking = pare("rank", "-f", half.name, "-n", "512")["attention"]
order = [entry["layer"] for entry in sorted(ranking, key=lambda entry: -entry["similarity"])]

columns = ["plan", "b/w", "MB/token", "KV KiB/token", "KL", "perplexity", "same top %"]
print("| " + " | ".join(columns) + " |")
print("|" + "---|" * len(columns))
for count in map(int, options.drops.split(",")):
    layers = ",".join(map(str, sorted(order[:count])))
    for healing in ["none", "mean", "linear"] if count else ["none"]:
        name = f"{count} attention dropped" if healing == "none" else f"{count}, healed ({healing})"
        row(name, ["--drop-attn", layers, "--heal", healing] if count else [])
for bits in options.bits.split(","):
    if bits != "native":
        row(bits if bits == "ternary" else f"{bits} bits", ["--bits", bits])
for bits in options.kv_bits.split(","):
    row(f"KV cache in {bits} bits", ["--kv-bits", bits])
