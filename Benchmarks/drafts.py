#!/usr/bin/env python3
"""What drafts gain: answers with guesses beside the same answers without, in turns. A Markdown table.

    Benchmarks/drafts.py [--pare .build/release/pare] [--models SmolLM2-135M-Instruct,…] [--rounds 5] [--tokens 256]

- "equal plan", "8 bits" and "dropped": in a chat without a screen a prompt is answered, then answered again with
  `/set draft 31` and with `/set draft 0` in turn, under the same plan and under others. "Bound" is the time of a rerun
  that splits at token s over that of a prefill of s (`pare bench` in the same minutes), of decoding the rest, and 5 %:
  it must stay below 1. In a chat the layers below a change are not computed again, so that a change near the end of the
  model costs least.
- "from a file": `pare run --draft-from`, where nothing is in the cache and all layers are computed.
- "quotes its prompt" and "nothing recurs": `pare run` with n-gram drafts and without.

A ratio is the time without drafts over that with them; the table has the median of the rounds and their spread. Tokens
of both must be the same, or the script ends.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
from pathlib import Path

from peers import Pare

STORY = "Write a long story about the keeper of a lighthouse."
FRESH = "Tell me about ten animals that you like, in one sentence each, and use different words for each of them."
QUOTED = """Repeat the following text exactly, word for word, and say nothing else:

The harbour master kept a ledger of every vessel that entered the bay, noting the flag it flew, the cargo it carried \
and the names of its crew. On Tuesday the brig Margaret arrived with salt, rope and lamp oil from the north. On \
Wednesday two sloops came in together, one with timber and the other with barrels of cider. By Friday the quay was so \
full that the ferries had to wait outside the breakwater until the tide turned in the evening. The harbour master \
wrote it all down, closed the book, and walked home along the sea wall with the dog running before him."""


def seconds(figures):
    """The time of an answer without its prompt, of the figures in a session."""
    draft = figures.get("draft", {"accepted": 0, "batches": 0, "seconds": 0})
    decoded = figures["answer_tokens"] - draft["accepted"] - draft["batches"]
    rate = figures.get("decode_tok_per_s", 0)
    return draft["seconds"] + (decoded / rate if rate else 0)


def chat(options, model, lines):
    """The answers of a chat without a screen: (tokens, figures) each."""
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ, PARE_MODELS=str(Path(Pare(options.pare).path(model)).parent))
        environment |= {f"XDG_{kind}_HOME": folder for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
        subprocess.run(
            [options.pare, "-m", model], input="\n".join(lines + ["/quit", ""]), text=True, check=True,
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        (journal,) = Path(folder).rglob("*.jsonl")
        tokens, answers = {}, []
        for record in map(json.loads, journal.read_text().splitlines()):
            if record.get("kind") == "text":
                tokens.setdefault(record["id"], []).extend(record["tokens"])
            elif record.get("kind") == "end":
                answers.append((tokens[record["id"]], record["statistics"]))
    return answers


def check(a, b):
    if a != b:
        raise SystemExit("the tokens with drafts are not those without")


def row(model, label, ratios, *cells):
    spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"
    print("| " + " | ".join([model, label, spread, *cells]) + " |", flush=True)


def reruns(options, model, label, command=None, plan=()):
    """Times of reruns under a plan, by the chat's command for it and the options of `pare bench`."""
    pare = Pare(options.pare)
    change, back = ([command], ["/undo"]) if command else ([], [])
    lines = [f"/set max_tokens {options.tokens}", "/set draft 0", "/set seed 99", STORY]
    for round_ in range(options.rounds):
        # Another seed each time, so that no answer under the same plan is known before.
        lines += [f"/set seed {round_}", "/set draft 0", "/rerun", *change]
        lines += [f"/set draft {options.draft}", "/rerun", "/set draft 0", "/rerun", *back]
    answers = chat(options, model, lines)[1:]
    prefill = pare.json("bench", "-m", model, "-n", 0, "-p", 512, *plan)["prefill"]["tok_per_s"]
    ratios, bounds, splits, accepted = [], [], [], []
    for (first, _), (drafted, figures), (plain, plain_figures) in zip(answers[::3], answers[1::3], answers[2::3]):
        check(plain, drafted)
        own, alone, count = seconds(figures), seconds(plain_figures), len(plain)
        split = next((i for i, (x, y) in enumerate(zip(first, plain)) if x != y), count)
        ratios.append(alone / own)
        bounds.append(own / (1.05 * (split / statistics.median(prefill) + (count - split) * alone / count)))
        splits.append(f"{split}/{count}")
        accepted.append(str(figures.get("draft", {}).get("accepted", 0)))
    row(model, label, ratios, " ".join(splits), " ".join(accepted), f"{statistics.median(bounds):.2f}")


def runs(options, model, label, prompt, tokens, from_file=False, sampling=()):
    pare, ratios, counts = Pare(options.pare), [], ""
    for round_ in range(options.rounds):
        common = ["run", "-m", model, "-p", prompt, "-n", tokens, "--seed", 100 + round_, *sampling]
        plain = pare.json(*common, "--draft", 0)
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(plain, file)
            file.flush()
            more = ["--draft-from", file.name] if from_file else []
            drafted = pare.json(*common, "--draft", options.draft, *more)
        check(plain["token_ids"], drafted["token_ids"])
        ratios.append(plain["answer_s"] / drafted["answer_s"])
        draft = drafted.get("draft", {"accepted": 0, "proposed": 0})
        counts = f"{draft['accepted']} of {draft['proposed']}"
    row(model, label, ratios, "–", counts, "–")


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--pare", default=".build/release/pare")
parser.add_argument("--models", default="SmolLM2-135M-Instruct,Qwen2.5-Coder-1.5B-Instruct")
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--tokens", type=int, default=256)
parser.add_argument("--draft", type=int, default=31)
options = parser.parse_args()

print("| model | answer | without ÷ with drafts | splits at | accepted | bound |\n|---|---|---|---|---|---|")
for model in options.models.split(","):
    layers = Pare(options.pare).json("inspect", "-m", model)["metadata"]
    count = next(value for key, value in layers.items() if key.endswith(".block_count"))
    reruns(options, model, "equal plan")
    reruns(options, model, "8 bits", "/bits 8", ["--bits", "8"])
    reruns(options, model, "an early attention dropped", "/drop attn 1", ["--drop-attn", "1"])
    late = count - 3
    reruns(options, model, "a late attention dropped", f"/drop attn {late}", ["--drop-attn", late])
    runs(options, model, "from a file", STORY, options.tokens, from_file=True)
    runs(options, model, "quotes its prompt", QUOTED, 160, sampling=["--temp", 0])
    runs(options, model, "nothing recurs", FRESH, options.tokens)
