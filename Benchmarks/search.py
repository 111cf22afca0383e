#!/usr/bin/env python3
"""How good the plans are that `pare search` finds: their KL on text that they were not chosen on, beside the paper's.

    Benchmarks/search.py --text wiki=TEXT --text code=CODE [--pare PROGRAM] [--model NAME] [--drops 8,15] [--tokens N]

Plans are searched on the built-in text, which nothing here is judged on. For each number of attention sublayers
dropped, the plan of each method is judged by `pare eval` on every TEXT: KL to the baseline in nats a token, and as a
share of that of the paper's choice, one-shot by similarity (arXiv 2406.15786). Nothing is healed.
"""

import argparse
import json
import subprocess
import time

parser = argparse.ArgumentParser()
parser.add_argument("--pare", default=".build/release/pare")
parser.add_argument("--model", action="append")
parser.add_argument("--text", action="append", required=True, help="NAME=FILE")
parser.add_argument("--drops", default="8,15")
parser.add_argument("--tokens", default="1024", help="of the text that is searched on")
parser.add_argument("--judged", default="2048", help="tokens of each text that plans are judged on")
parser.add_argument("--on", help="a file to search on instead of the built-in text")
parser.add_argument("--methods", default="similarity,damage,greedy,exchange")
options = parser.parse_args()


def pare(command, *arguments):
    line = [options.pare, command, "--json", *arguments]
    return json.loads(subprocess.run(line, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout)


def judge(model, plan, text):
    layers = ",".join(map(str, plan["drop"]["attention"]))
    figures = pare("eval", "-m", model, "-f", text, "-n", options.judged, "--drop-attn", layers)
    return figures["kl_mean"], figures["perplexity"]


texts = [text.split("=", 1) for text in options.text]
cells = ["model", "dropped", "method"] + [f"{name}: KL | share | perplexity" for name, _ in texts] + ["layers"]
print("| " + " | ".join(cells) + " |")
print("|" + "---|" * (sum(cell.count("|") for cell in cells) + len(cells)))
for model in options.model or ["SmolLM2-135M-Instruct"]:
    for drops in options.drops.split(","):
        start = time.monotonic()
        on = ["-f", options.on] if options.on else []
        found = pare("search", "-m", model, "--target", f"drop={drops}", "--over", "attn", "-n", options.tokens, *on)
        seconds = time.monotonic() - start
        plans = {point["method"]: point["plan"] for point in found["found"]}
        paper = {}
        for method in options.methods.split(","):
            row = [model, drops, method + (" (winner)" if method == found["winner"] else "")]
            for name, text in texts:
                kl, perplexity = judge(model, plans[method], text)
                paper.setdefault(name, kl)
                row += [f"{kl:.3f}", f"{kl / paper[name]:.2f}", f"{perplexity:.1f}"]
            row.append(",".join(map(str, plans[method]["drop"]["attention"])))
            print("| " + " | ".join(row) + " |", flush=True)
        print(f"searched for {seconds:.0f} s", flush=True)
