"""The two programs that the benchmarks compare: Pare by its command line, llama.cpp by its Python binding."""

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np


class Pare:
    def __init__(self, program, under=()):
        """under: a command that runs the program."""
        self.command = [*under, str(program)]

    def json(self, *arguments):
        command = [*self.command, *map(str, arguments), "--json"]
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)

    def path(self, model):
        """The file of a model that `pare models` lists."""
        return next(known["path"] for known in self.json("models")["models"] if known["name"] == model)

    def logits(self, path, text, tokens, threads, begins, decodes):
        """The first tokens of a text file, and the logits after each: [t], [t, vocabulary].

        begins: whether the text begins with BOS; decodes: read token by token."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "logits.f32"
            options = ["--bos"] * begins + ["--decode"] * decodes
            options += ["-m", path, "-f", text, "-n", tokens, "-t", threads, "--logits", file]
            ids = self.json("score", *options)["ids"]
            return ids, np.fromfile(file, "<f4").reshape(len(ids), -1)


class LlamaCpp:
    def __init__(self, path, context, threads):
        from llama_cpp import Llama

        self.llama = Llama(
            path, n_ctx=context, n_batch=context, n_threads=threads, n_threads_batch=threads, logits_all=True,
            verbose=False,
        )

    def logits(self, ids, decodes=False):
        """The logits after each token: [t] → [t, vocabulary]. decodes: read token by token."""
        self.llama.reset()
        for batch in ([token] for token in ids) if decodes else [ids]:
            self.llama.eval(batch)
        return self.llama.scores[: len(ids)]

    def tokens(self, text):
        """As llama-perplexity begins: with BOS where the model wants one, control tokens not recognised."""
        return self.llama.tokenize(text, add_bos=True, special=False)

    def begins(self):
        """The token that begins a text, or None where the model wants none."""
        from llama_cpp import llama_vocab_bos, llama_vocab_get_add_bos

        vocabulary = self.llama._model.vocab
        return llama_vocab_bos(vocabulary) if llama_vocab_get_add_bos(vocabulary) else None
