"""An independent forward pass of a GGUF model, in numpy and double precision.

It shares nothing with the program: the weights are those the `gguf` package decodes, and every product and sum
is a double. What differs between architectures is a table.
"""

from dataclasses import dataclass

import gguf
import numpy as np
from gguf.quants import dequantize


@dataclass(frozen=True)
class Graph:
    """What differs between architectures. Biases, norms of heads and norms after a sublayer are not listed: they
    apply wherever the file has their tensors."""

    # Rotary pairs are the elements i and i + half of a head; else 2i and 2i + 1.
    rotates_halves: bool = False
    # The gate of the MLP is GELU, by its tanh approximation; else SiLU.
    gelu: bool = False
    # The embedding is multiplied by √width.
    scales_embedding: bool = False
    # Every n-th layer sees all positions, those between a window; 0: all see all.
    global_period: int = 0
    # Base of the rotation in layers that see a window.
    local_rope_base: float = 0


GRAPHS = {
    "llama": Graph(),
    "qwen2": Graph(rotates_halves=True),
    "gemma3": Graph(
        rotates_halves=True, gelu=True, scales_embedding=True, global_period=6, local_rope_base=10_000
    ),
}


class ReferenceModel:
    # Rows of a matrix that are decoded at once: the heads of large vocabularies are gigabytes in doubles.
    ROWS = 16_384

    def __init__(self, path):
        reader = gguf.GGUFReader(path)
        self.fields = reader.fields
        self.tensors = {tensor.name: tensor for tensor in reader.tensors}
        self.architecture = self.fields["general.architecture"].contents()
        self.graph = GRAPHS[self.architecture]
        self.layers = self.value("block_count")
        self.width = self.value("embedding_length")
        self.heads = self.value("attention.head_count")
        self.kv_heads = self.value("attention.head_count_kv", self.heads)
        self.head_width = self.value("attention.key_length", self.width // self.heads)
        self.window = self.value("attention.sliding_window", 0)
        self.epsilon = self.value("attention.layer_norm_rms_epsilon")
        self.rope_base = self.value("rope.freq_base", 10_000)
        assert self.value("rope.dimension_count", self.head_width) == self.head_width
        assert self.value("rope.scaling.type", "none") == "none" and "rope_freqs.weight" not in self.tensors

    def value(self, key, default=None):
        field = self.fields.get(f"{self.architecture}.{key}")
        if field is None and default is None:
            raise KeyError(f"{self.architecture}.{key}")
        return default if field is None else field.contents()

    def logprob(self, ids, drops=None, note=None):
        """Log-probabilities of the next token after each of `ids`: [texts, t] → [texts, t, vocabulary].

        drops: of each text, the ("attention" or "mlp", layer) that are left out. note: called with the name of each
        sublayer, and of each "block", its layer, and the stream before and after it [texts, t, width]."""
        x = self.embed(np.asarray(ids))
        for layer in range(self.layers):
            blk, start = f"blk.{layer}.", x
            for name, sublayer, norm in (
                ("attention", self.attention, "post_attention_norm"), ("mlp", self.mlp, "post_ffw_norm"),
            ):
                delta = self.norm(sublayer(x, layer), f"{blk}{norm}.weight")
                if drops:
                    delta[[(name, layer) in dropped for dropped in drops]] = 0
                before, x = x, x + delta
                if note:
                    note(name, layer, before, x)
            if note:
                note("block", layer, start, x)
        head = "output.weight" if "output.weight" in self.tensors else "token_embd.weight"
        logits = self.linear(self.norm(x, "output_norm.weight"), head)
        logits -= logits.max(axis=-1, keepdims=True)
        for text in logits:
            text -= np.log(np.exp(text).sum(axis=-1, keepdims=True))
        return logits

    def embed(self, ids):
        table = self.tensors["token_embd.weight"]
        rows = dequantize(table.data[ids.ravel()], table.tensor_type).astype(np.float64)
        return rows.reshape(*ids.shape, -1) * (np.sqrt(self.width) if self.graph.scales_embedding else 1)

    def attention(self, x, layer):
        blk, texts, t = f"blk.{layer}.", *x.shape[:2]
        is_local = self.graph.global_period > 0 and (layer + 1) % self.graph.global_period != 0
        n = self.norm(x, blk + "attn_norm.weight")

        def heads(name, count):
            return self.linear(n, f"{blk}attn_{name}.weight").reshape(texts, t, count, -1)

        base = self.graph.local_rope_base if is_local else self.rope_base
        q = self.rotate(self.norm(heads("q", self.heads), blk + "attn_q_norm.weight"), base)
        k = self.rotate(self.norm(heads("k", self.kv_heads), blk + "attn_k_norm.weight"), base)
        v = heads("v", self.kv_heads)
        k, v = (np.repeat(y, self.heads // self.kv_heads, axis=2) for y in (k, v))
        scores = np.einsum("bthd,bshd->bhts", q, k, optimize=True) / np.sqrt(self.head_width)
        seen = np.tri(t, dtype=bool)
        if is_local:
            seen &= ~np.tri(t, k=-self.window, dtype=bool)
        scores = np.where(seen, scores, -np.inf)
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        mixed = np.einsum("bhts,bshd->bthd", weights, v, optimize=True)
        return self.linear(mixed.reshape(texts, t, -1), blk + "attn_output.weight")

    def mlp(self, x, layer):
        blk = f"blk.{layer}."
        n = self.norm(x, blk + "ffn_norm.weight")
        gate, up = self.linear(n, blk + "ffn_gate.weight"), self.linear(n, blk + "ffn_up.weight")
        if self.graph.gelu:
            gate *= 0.5 * (1 + np.tanh(np.sqrt(2 / np.pi) * (gate + 0.044715 * gate**3)))
        else:
            gate /= 1 + np.exp(-gate)
        return self.linear(gate * up, blk + "ffn_down.weight")

    def rotate(self, x, base):
        """Turns the pairs of [texts, t, heads, head width] by their positions, 0 to t − 1."""
        pairs = self.head_width // 2
        turn = np.exp(1j * np.outer(np.arange(x.shape[1]), base ** (-np.arange(pairs) / pairs)))[:, None, :]
        halves = self.graph.rotates_halves
        first, second = (slice(0, pairs), slice(pairs, None)) if halves else (slice(0, None, 2), slice(1, None, 2))
        turned = (x[..., first] + 1j * x[..., second]) * turn
        out = np.empty_like(x)
        out[..., first], out[..., second] = turned.real, turned.imag
        return out

    def norm(self, x, name):
        """RMS norm over the last axis, by the weights of that name; `x` itself where the file has none."""
        if name not in self.tensors:
            return x
        weight = self.tensors[name].data.astype(np.float64)
        return x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + self.epsilon) * weight

    def linear(self, x, name):
        """x Wᵀ, plus the bias where the file has one."""
        matrix = self.tensors[name]
        parts = []
        for start in range(0, len(matrix.data), self.ROWS):
            rows = dequantize(matrix.data[start : start + self.ROWS], matrix.tensor_type)
            parts.append(x @ rows.astype(np.float64).T)
        y = np.concatenate(parts, axis=-1)
        bias = self.tensors.get(name.removesuffix("weight") + "bias")
        return y if bias is None else y + bias.data
