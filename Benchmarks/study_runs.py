"""The runs of the study: Pare by its command line, every result kept, so that a stopped study goes on where it was."""

import hashlib
import json
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from peers import Pare

KINDS = {"attention": "--drop-attn", "mlp": "--drop-mlp", "block": "--drop-block"}


class KeptPare(Pare):
    """Runs each command once: its result is kept under the command, the program's version and the text's content."""

    def __init__(self, program, folder, threads=None):
        super().__init__(program)
        self.folder = folder
        self.options = ["-t", threads] if threads else []
        self.version = subprocess.run([program, "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout
        folder.mkdir(parents=True, exist_ok=True)

    def json(self, *arguments, run=0, limit=None):
        """run: tells a measurement of its own from another by the same command. limit: seconds after which a search is
        interrupted, which keeps what it has found."""
        arguments = [str(argument) for argument in arguments]
        texts = [Path(arguments[at + 1]).read_bytes() for at, option in enumerate(arguments) if option == "-f"]
        named = [Path(argument).name if "/" in argument else argument for argument in arguments]
        key = hashlib.sha256(b"\0".join([json.dumps([self.version, run, named]).encode(), *texts])).hexdigest()[:16]
        file = self.folder / f"{key}.json"
        if not file.exists():
            start = time.monotonic()
            result = self.interruptible([*arguments, *self.options], limit)
            seconds = time.monotonic() - start
            print(f"{seconds:6.1f} s  pare {' '.join(named)}", file=sys.stderr, flush=True)
            part = file.with_suffix(".part")
            part.write_text(json.dumps({"arguments": named, "seconds": seconds, "result": result}))
            part.rename(file)
        return json.loads(file.read_text())["result"]

    def interruptible(self, arguments, limit):
        command = [*self.command, *map(str, arguments), "--json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            try:
                output, _ = process.communicate(timeout=limit)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGINT)
                output, _ = process.communicate()
            except BaseException:
                process.terminate()
                raise
        if process.returncode not in ((0, 130) if limit else (0,)):
            raise SystemExit(f"{' '.join(command)}: exit code {process.returncode}")
        return json.loads(output)


@dataclass
class Budget:
    """How much of a study a model's speed allows."""

    judged: int  # tokens of the text that plans are judged on; of each 256, the second half is scored
    counts: tuple  # sublayers dropped
    ranked: tuple  # sizes of samples, in tokens, over which similarity is compared
    measured: tuple  # samples over which damage is compared: (text, tokens)
    searched: tuple  # what `pare search` seeks: (drops, tokens of the text, seconds at most)
    widths: tuple  # bits of the weights that drops are combined with
    kv_widths: tuple
    turns: int  # in which decode speed is measured


CHOSEN = 256  # tokens that one-shot plans are chosen on
MODELS = {
    "SmolLM2-135M-Instruct": Budget(
        1024, (2, 4, 6, 8, 10, 12, 15), (64, 256, 1024), ((0, 64), (0, 1024), (1, 256), (2, 256)), (15, 512, 450),
        (8, 4, 3), (8, 4), 9),
    "Gemma-3-270M": Budget(
        1024, (2, 4, 8, 12, 15), (64, 256, 1024), ((0, 64), (1, 256)), (8, 512, 300), (4, 3), (4,), 5),
    "Qwen2.5-Coder-1.5B-Instruct": Budget(
        512, (4, 8, 15), (64, 256), ((1, 64),), (8, 384, 400), (4, 3), (4,), 3),
}


class Study:
    """One model. Plans are chosen on the first half of each text and judged on the second.

    texts: [(name, file to choose on, file to judge on)]; plans are chosen on the first."""

    def __init__(self, pare, model, texts):
        self.pare, self.model, self.texts, self.budget = pare, model, texts, MODELS[model]
        self.ranking = self.measured(0, CHOSEN)
        self.layers = len(self.ranking["attention"])
        self.counts = [count for count in self.budget.counts if count < self.layers]

    def run(self, speed):
        parts = {
            "ranking": self.ranking, "baseline": self.judge(), "kinds": self.kinds(), "methods": self.methods(),
            "bits": self.bits(), "kv": self.kv(), "stability": self.stability(),
        }
        return parts | ({"speed": self.speed()} if speed else {})

    def measured(self, text, tokens):
        """Similarity and damage of every sublayer and block alone."""
        return self.pare.json("rank", "-m", self.model, "--measure", "-f", self.texts[text][1], "-n", tokens)

    def judge(self, plan=(), text=0):
        """A plan's figures on the other half of a text."""
        figures = self.pare.json(
            "eval", "-m", self.model, "-f", self.texts[text][2], "-n", self.budget.judged, "--ctx", 256, *plan)
        names = ["kl_mean", "perplexity", "baseline_perplexity", "same_top", "bits_per_weight", "bytes_per_token",
                 "kv_bytes_per_token", "tokens"]
        return {name: figures[name] for name in names}

    def order(self, kind="attention", by="similarity", ranking=None):
        """Layers, those to drop first at the front."""
        rows = (ranking or self.ranking)[kind]
        sign = -1 if by == "similarity" else 1
        return [row["layer"] for row in sorted(rows, key=lambda row: sign * row[by])]

    def kinds(self):
        """Attention, MLPs or blocks dropped, chosen as in the paper: one-shot by similarity."""
        return [
            {"kind": kind, "drops": count, "layers": layers} | self.judge(drop(layers, kind))
            for kind in KINDS for count in self.counts if (layers := self.order(kind)[:count])
        ]

    def methods(self):
        """Attention dropped, chosen in several ways, judged on the first two texts."""
        target, tokens, limit = self.budget.searched
        found = self.pare.json(
            "search", "-m", self.model, "--target", f"drop={target}", "--over", "attn", "-n", tokens,
            "-f", self.texts[0][1], limit=limit)
        plans = {}
        for point in found["points"]:
            layers = point["plan"]["drop"]["attention"]
            plans.setdefault((point["method"], len(layers)), layers)  # the first of a step is the method's best
        for count in range(1, target + 1):
            plans["ranked", count] = self.order()[:count]
            plans["mixed", count] = self.mixed_order()[:count]
        for count, layers in enumerate(self.rescored(target), 1):
            plans["rescored", count] = layers
        return [
            {"method": method, "drops": count, "layers": layers, "text": self.texts[text][0]}
            | self.judge(drop(layers), text)
            for (method, count), layers in plans.items() if count in self.counts
            for text in ((0, 1) if count in (8, 15) else (0,))
        ]

    def mixed_order(self):
        """Attention in the order of the geometric mean of its damage over texts, so that none outweighs the others."""
        samples = [(0, CHOSEN), *(sample for sample in self.budget.measured if 0 < sample[0] < len(self.texts))]
        damage = [[row["kl"] for row in self.measured(*sample)["attention"]] for sample in samples]
        return np.argsort(np.log(damage).mean(axis=0)).tolist()

    def rescored(self, most):
        """The paper's iterative choice: the most similar attention goes, and the others are scored anew."""
        layers, plans = [], []
        while len(layers) < most:
            ranking = self.pare.json(
                "rank", "-m", self.model, "-f", self.texts[0][1], "-n", CHOSEN, *drop(layers))
            running = [row for row in ranking["attention"] if row["layer"] not in layers]
            layers = layers + [max(running, key=lambda row: row["similarity"])["layer"]]
            plans.append(sorted(layers))
        return plans

    def stability(self):
        """Agreement of rankings over other samples with that over the largest sample of the first text."""
        similarity = {
            (text, tokens): self.pare.json("rank", "-m", self.model, "-f", self.texts[text][1], "-n", tokens)
            for text in range(len(self.texts)) for tokens in self.budget.ranked
        }
        samples = sorted({(0, CHOSEN), *(each for each in self.budget.measured if each[0] < len(self.texts))})
        damage = {sample: self.measured(*sample) for sample in samples}
        rows = []
        for by, rankings in [("similarity", similarity), ("kl", damage)]:
            reference = max(sample for sample in rankings if sample[0] == 0)
            for sample, ranking in rankings.items():
                for kind in KINDS:
                    one, other = ([row[by] for row in each[kind]] for each in (ranking, rankings[reference]))
                    both = set(self.order(kind, by, ranking)[:8]) & set(self.order(kind, by, rankings[reference])[:8])
                    rows.append({
                        "by": by, "text": self.texts[sample[0]][0], "tokens": sample[1], "kind": kind,
                        "rank_correlation": rank_correlation(one, other), "same_of_8": len(both),
                        "reference": sample == reference})
        return rows

    def bits(self):
        """Attention dropped from a model of narrower weights; KL to the model as shipped."""
        return [
            {"bits": width, "drops": count}
            | self.judge([*drop(self.order()[:count]), *([] if width == "native" else ["--bits", width])])
            for width in ("native", *self.budget.widths) for count in (0, 4, 8)
        ]

    def kv(self):
        """Attention dropped with a narrower KV cache."""
        return [
            {"kv_bits": width, "drops": count}
            | self.judge([*drop(self.order()[:count]), *([] if width == 16 else ["--kv-bits", width])])
            for width in (16, *self.budget.kv_widths) for count in (0, 8)
        ]

    def speed(self):
        """Decode speed beside the baseline's, in turns: medians of the speeds and of the rounds' ratios."""

        def decode(depth, run, layers):
            figures = self.pare.json(
                "bench", "-m", self.model, "-p", 0, "-n", 96, "-r", 1, "--depth", depth, *drop(layers), run=run)
            return figures["decode"]["tok_per_s"][0], figures["bytes_per_token"]

        rows = []
        for depth in (0, 1024):
            for count in (4, 8, self.counts[-1]):
                layers, runs = self.order()[:count], [f"{count} dropped, {turn}" for turn in range(self.budget.turns)]
                pairs = [(decode(depth, run, []), decode(depth, run, layers)) for run in runs]
                rows.append({
                    "depth": depth, "drops": count, "tok_per_s": float(np.median([plan[0] for _, plan in pairs])),
                    "bytes_share": pairs[0][1][1] / pairs[0][0][1],
                    "speed_up": float(np.median([plan[0] / base[0] for base, plan in pairs]))})
        return rows


def drop(layers, kind="attention"):
    return [KINDS[kind], ",".join(map(str, sorted(layers)))] if layers else []


def rank_correlation(one, other):
    """Spearman's: Pearson's correlation of the ranks; ties are as good as absent in these scores."""
    ranks = [np.argsort(np.argsort(values)) for values in (one, other)]
    return float(np.corrcoef(*ranks)[0, 1])
