"""What Pare says of redundancy beside an exact computation: the similarity of every sublayer and block, and the damage
of dropping some of them alone."""

import os
import tempfile
from unittest import mock

import numpy as np
from reference_model import ReferenceModel


class Redundancy:
    TOKENS = 64
    # How far similarities may be off, and damage, as a share of its own.
    SIMILARITY, DAMAGE = 0.002, 0.03

    def __init__(self, pare, name, text):
        self.name = name
        path = pare.path(name)
        with tempfile.TemporaryDirectory() as cache, mock.patch.dict(os.environ, XDG_CACHE_HOME=cache):
            self.measured = pare.json("rank", "--measure", "-m", path, "-f", text, "-n", self.TOKENS)
        reference = ReferenceModel(path)
        ids = pare.json("score", "-m", path, "-f", text, "-n", self.TOKENS)["ids"]
        begins = reference.fields.get("tokenizer.ggml.add_bos_token")
        if begins and begins.contents():
            ids[0] = reference.fields["tokenizer.ggml.bos_token_id"].contents()
        third = reference.layers // 3
        self.drops = [("attention", third), ("mlp", 2 * third), ("block", third + 1), ("attention", reference.layers - 1)]
        self.compute(reference, ids)

    def compute(self, reference, ids):
        """One pass over the text without drops, and over its copies with one each."""
        parts = {"attention": ["attention"], "mlp": ["mlp"], "block": ["attention", "mlp"]}
        drops = [set()] + [{(sublayer, layer) for sublayer in parts[part]} for part, layer in self.drops]
        self.similarity = {}

        def note(part, layer, before, after):
            a, b = before[0], after[0]
            cosines = (a * b).sum(-1) / np.sqrt((a * a).sum(-1) * (b * b).sum(-1))
            self.similarity[part, layer] = cosines.mean()

        baseline, *dropped = reference.logprob([ids] * len(drops), drops, note)
        self.kl = [(np.exp(baseline) * (baseline - p)).sum(-1).mean() for p in dropped]

    def passes(self):
        """Prints a row of the table; whether all is within the bars."""
        similarity = max(
            abs(self.measured[part][layer]["similarity"] - exact) for (part, layer), exact in self.similarity.items()
        )
        damage = max(
            abs(self.measured[part][layer]["kl"] / exact - 1) for (part, layer), exact in zip(self.drops, self.kl)
        )
        drops = ", ".join(f"{part} {layer}: {kl:.3f}" for (part, layer), kl in zip(self.drops, self.kl))
        print(f"| {self.name} | {similarity:.1g} | {100 * damage:.2f} % | {drops} |", flush=True)
        return similarity <= self.SIMILARITY and damage <= self.DAMAGE
