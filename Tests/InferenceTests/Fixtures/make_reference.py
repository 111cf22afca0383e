"""An independent forward pass of a llama-architecture GGUF model, in float64 numpy.

The yardstick of the engine: it shares nothing with the program, takes the weights as the `gguf` package
decodes them, and computes every product and sum in double precision.

    make_reference.py MODEL                        similarities and log-probabilities over encyclopaedia.txt
    make_reference.py MODEL --drop-attn 5,7        the same with sublayers left out
    make_reference.py MODEL --fixture              writes reference.json and distributions.u16 beside itself
    make_reference.py MODEL --probes               writes probes.json: what is to be seen inside the model

Needs: pip install numpy gguf tokenizers
"""

import argparse
import json
from pathlib import Path

import gguf
import numpy as np
from gguf.quants import dequantize
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers

HERE = Path(__file__).parent
TOKENS = 256
TOP = 20
# What the fixture also computes with sublayers left out.
DROPPED = {"attention": [5, 7], "mlp": [10]}
# What is dropped alone, to tell its damage.
SINGLE_DROPS = [
    ("attention", 0), ("attention", 7), ("attention", 24), ("mlp", 12), ("mlp", 29), ("block", 17)]
# Positions whose whole distributions are kept, in steps of 2^-10 nat below 0.
DISTRIBUTIONS = [31, 255]
STEP = 2.0**-10
# What probes.json has: of these positions, and of one head of some layers.
PROBED_TOKENS = [0, 1, 40, 127, 255]
PROBED_LAYERS, PROBED_HEAD, PROBED_POSITION = [0, 7, 29], 4, 200


class Model:
    def __init__(self, path):
        reader = gguf.GGUFReader(path)
        self.fields = reader.fields
        assert self.value("general.architecture") == "llama"
        self.tensors = {
            tensor.name: dequantize(tensor.data, tensor.tensor_type).astype(np.float64)
            for tensor in reader.tensors
        }
        self.layers = self.value("llama.block_count")
        self.width = self.value("llama.embedding_length")
        self.heads = self.value("llama.attention.head_count")
        self.kv_heads = self.value("llama.attention.head_count_kv")
        self.epsilon = self.value("llama.attention.layer_norm_rms_epsilon")
        self.rope_base = self.value("llama.rope.freq_base")
        self.head_width = self.width // self.heads
        assert self.value("llama.rope.dimension_count") == self.head_width

    def value(self, key):
        return self.fields[key].contents()

    def encode(self, text):
        """Token ids as Hugging Face's tokenizers computes them from the file's own vocabulary."""
        vocabulary = {piece: index for index, piece in enumerate(self.value("tokenizer.ggml.tokens"))}
        merges = [tuple(merge.split(" ")) for merge in self.value("tokenizer.ggml.merges")]
        assert self.value("tokenizer.ggml.pre") == "smollm"
        tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
        )
        tokenizer.decoder = decoders.ByteLevel()
        ids = tokenizer.encode(text).ids
        assert tokenizer.decode(ids) == text
        return ids

    def norm(self, x, name):
        return x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + self.epsilon) * self.tensors[name]

    def linear(self, x, name):
        return x @ self.tensors[name].T

    def rotate(self, x):
        """Rotary embedding of [t, heads, head width] at positions 0…, over neighbouring pairs."""
        pairs = self.head_width // 2
        angles = np.outer(np.arange(len(x)), self.rope_base ** (-np.arange(pairs) / pairs))
        turned = (x[..., 0::2] + 1j * x[..., 1::2]) * np.exp(1j * angles)[:, None, :]
        out = np.empty_like(x)
        out[..., 0::2], out[..., 1::2] = turned.real, turned.imag
        return out

    def attention_weights(self, x, layer):
        """[head, t, t], and the values [t, head, head width]."""
        blk, t = f"blk.{layer}.", len(x)
        n = self.norm(x, blk + "attn_norm.weight")
        q = self.rotate(self.linear(n, blk + "attn_q.weight").reshape(t, self.heads, -1))
        k = self.rotate(self.linear(n, blk + "attn_k.weight").reshape(t, self.kv_heads, -1))
        v = self.linear(n, blk + "attn_v.weight").reshape(t, self.kv_heads, -1)
        group = self.heads // self.kv_heads
        k, v = np.repeat(k, group, axis=1), np.repeat(v, group, axis=1)
        scores = np.einsum("thd,shd->hts", q, k) / np.sqrt(self.head_width)
        scores = np.where(np.tri(t, dtype=bool), scores, -np.inf)
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return weights / weights.sum(axis=-1, keepdims=True), v

    def attention(self, x, layer):
        weights, v = self.attention_weights(x, layer)
        mixed = np.einsum("hts,shd->thd", weights, v).reshape(len(x), -1)
        return self.linear(mixed, f"blk.{layer}.attn_output.weight")

    def mlp(self, x, layer):
        blk = f"blk.{layer}."
        n = self.norm(x, blk + "ffn_norm.weight")
        gate, up = self.linear(n, blk + "ffn_gate.weight"), self.linear(n, blk + "ffn_up.weight")
        return self.linear(gate / (1 + np.exp(-gate)) * up, blk + "ffn_down.weight")

    def forward(self, ids, drop):
        """Log-probabilities [t, vocabulary], and the mean similarities of each sublayer that ran."""
        x = self.tensors["token_embd.weight"][ids]
        similarity = {"attention": [], "mlp": [], "block": []}
        for layer in range(self.layers):
            start = x
            for name, sublayer in (("attention", self.attention), ("mlp", self.mlp)):
                if layer in drop[name]:
                    similarity[name].append(None)
                    continue
                before, x = x, x + sublayer(x, layer)
                similarity[name].append(mean_cosine(before, x))
            similarity["block"].append(mean_cosine(start, x))
        return self.logprob(x), similarity

    def logprob(self, x):
        """Final norm and output head, in nats."""
        head = "output.weight" if "output.weight" in self.tensors else "token_embd.weight"
        logits = self.linear(self.norm(x, "output_norm.weight"), head)
        logits -= logits.max(axis=-1, keepdims=True)
        return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


def mean_cosine(a, b):
    return float(np.mean((a * b).sum(-1) / np.sqrt((a * a).sum(-1) * (b * b).sum(-1))))


def actual_next(logprob, ids):
    return logprob[np.arange(len(ids) - 1), ids[1:]]


def rounded(values, digits):
    return [None if value is None else round(float(value), digits) for value in values]


def damage(model, ids, baseline, part, layer):
    """What dropping one sublayer or block alone does to the distributions after each token."""
    drop = {name: [layer] if part in (name, "block") else [] for name in ("attention", "mlp")}
    logprob, _ = model.forward(ids, drop)
    return {
        "part": part, "layer": layer,
        "kl": round(float((np.exp(baseline) * (baseline - logprob)).sum(-1).mean()), 6),
        "perplexity": round(float(np.exp(-actual_next(logprob, ids).mean())), 4),
        "same_top": round(float((baseline.argmax(-1) == logprob.argmax(-1)).mean()), 6),
    }


def write_fixture(model, ids):
    logprob, similarity = model.forward(ids, {"attention": [], "mlp": []})
    dropped, _ = model.forward(ids, DROPPED)
    top = np.argsort(-logprob, axis=-1, kind="stable")[:, :TOP]
    parts = {
        "ids": ids,
        "logprob": rounded(actual_next(logprob, ids), 6),
        "entropy": rounded(-(np.exp(logprob) * logprob).sum(-1), 6),
        "similarity": {name: rounded(values, 6) for name, values in similarity.items()},
        "dropped": {"plan": {"drop": DROPPED}, "logprob": rounded(actual_next(dropped, ids), 6)},
        "damage": [damage(model, ids, logprob, *single) for single in SINGLE_DROPS],
        "distributions": DISTRIBUTIONS,
        "top": top.tolist(),
        "top_logprob": [rounded(row, 4) for row in np.take_along_axis(logprob, top, -1)],
    }
    body = ",\n".join(f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}" for key, value in parts.items())
    (HERE / "reference.json").write_text("{\n" + body + "\n}\n")
    steps = np.round(-logprob[DISTRIBUTIONS] / STEP)
    assert steps.max() < 65536
    (HERE / "distributions.u16").write_bytes(steps.astype("<u2").tobytes())


def write_probes(model, ids):
    """The stream's cosines between all places, what the lens says, weights and figures of some heads, norms."""
    x = model.tensors["token_embd.weight"][ids]
    stream, heads, attention = [x], [], []
    norms = {"attention": [], "mlp": [], "stream": []}
    for layer in range(model.layers):
        weights, v = model.attention_weights(x, layer)
        if layer in PROBED_LAYERS:
            attention.append({"layer": layer, "head": PROBED_HEAD, "position": PROBED_POSITION,
                              "weights": rounded(weights[PROBED_HEAD, PROBED_POSITION], 6)})
            # As the program samples 256 tokens: every fourth position.
            at = np.arange(3, len(ids), 4)
            sampled = weights[:, at]
            output = model.tensors[f"blk.{layer}.attn_output.weight"].reshape(model.width, model.heads, -1)
            added = np.einsum("hts,shd,whd->thw", sampled, v, output, optimize=True)
            ratio = np.linalg.norm(added, axis=-1) / np.linalg.norm(x[at], axis=-1)[:, None]
            entropy = -(sampled * np.log(np.where(sampled > 0, sampled, 1))).sum(-1)
            distance = (sampled * (at[:, None] - np.arange(len(ids)))).sum(-1)
            heads.append({"layer": layer, "entropy": rounded(entropy.mean(-1), 5),
                          "distance": rounded(distance.mean(-1), 4), "first": rounded(sampled[..., 0].mean(-1), 5),
                          "output": rounded(ratio.mean(0), 5)})
        for name, sublayer in (("attention", model.attention), ("mlp", model.mlp)):
            added = sublayer(x, layer)
            x = x + added
            norms[name].append(rounded(np.linalg.norm(added[PROBED_TOKENS], axis=-1), 4))
        norms["stream"].append(rounded(np.linalg.norm(x[PROBED_TOKENS], axis=-1), 4))
        stream.append(x)
    lens = [model.logprob(x[PROBED_TOKENS]) for x in stream]
    parts = {
        "stream": [[round(mean_cosine(a, b), 6) for b in stream] for a in stream],
        "positions": PROBED_TOKENS,
        "lens": {"token": [row.argmax(-1).tolist() for row in lens],
                 "logprob": [rounded(row.max(-1), 5) for row in lens]},
        "attention": attention, "heads": heads, "norms": norms,
    }
    body = ",\n".join(f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}" for key, value in parts.items())
    (HERE / "probes.json").write_text("{\n" + body + "\n}\n")


def main():
    def layer_list(text):
        return [int(item) for item in text.split(",") if item]

    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--fixture", action="store_true")
    parser.add_argument("--probes", action="store_true")
    parser.add_argument("--drop-attn", type=layer_list, default=[])
    parser.add_argument("--drop-mlp", type=layer_list, default=[])
    parser.add_argument("-n", "--tokens", type=int, default=TOKENS)
    arguments = parser.parse_args()
    model = Model(arguments.model)
    ids = model.encode((HERE / "encyclopaedia.txt").read_text(encoding="utf-8"))[: arguments.tokens]
    if arguments.fixture:
        return write_fixture(model, ids)
    if arguments.probes:
        return write_probes(model, ids)
    logprob, similarity = model.forward(ids, {"attention": arguments.drop_attn, "mlp": arguments.drop_mlp})
    for layer, row in enumerate(zip(*similarity.values())):
        print(f"{layer:3}", *("dropped".ljust(9) if value is None else f"{value:.6f} " for value in row))
    print(f"{len(ids)} tokens, perplexity {np.exp(-actual_next(logprob, ids).mean()):.4f}")


if __name__ == "__main__":
    main()
