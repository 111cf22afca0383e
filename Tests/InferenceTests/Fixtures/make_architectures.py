"""Makes architectures.json: tiny random models of every architecture, and what llama.cpp computes with them.

    pip install numpy gguf llama-cpp-python==0.3.36
    python make_architectures.py

The JSON holds each model's keys, the shapes of its tensors and the log-probabilities after each token; the
weights follow from the tensors' names (see `values`), so that the tests can write the same files. Keys under
"matters" change the result by much when they are left out, which the tests check too. The first model of each
architecture is also computed with some sublayers dropped, whose last matrix and bias are zero for llama.cpp.

What llama.cpp does not have (the BitNet of the 2B model) is computed here, from the model's report. Where
llama.cpp and a model's authors take different values for keys that a file lacks, "reference_keys" has theirs.
"""

import json
import pathlib
import tempfile

import gguf
import numpy as np

VOCABULARY = 40
TOKENS = [7, 3, 19, 22, 3, 5, 31, 12, 12, 39, 0, 8, 27, 14, 3, 19, 22, 36, 1, 10]


def mix(x):
    """splitmix64 of each element."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def values(tensor):
    """mean + scale · u for u uniform in −1 … 1, from the name's FNV-1a hash and the element's number."""
    seed = 0xCBF29CE484222325
    for byte in tensor["name"].encode():
        seed = (seed ^ byte) * 0x100000001B3 % 2**64
    count = int(np.prod(tensor["shape"]))
    with np.errstate(over="ignore"):
        bits = mix(np.uint64(seed) + np.arange(count, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    unit = (bits >> np.uint64(40)).astype(np.float32) * np.float32(2**-23) - np.float32(1)
    flat = np.float32(tensor["mean"]) + np.float32(tensor["scale"]) * unit
    return flat.astype(np.float32).reshape(tensor["shape"][::-1])


class Model:
    def __init__(self, label, architecture, *, layers=3, width=64, heads=4, kv_heads=2, head=16, mlp=96, keys=(),
                 matters=(), context=256, tied=True, embedding=0.5, reference_keys=()):
        self.label, self.architecture, self.context = label, architecture, context
        self.layers, self.width, self.heads, self.kv_heads, self.head, self.mlp = (
            layers, width, heads, kv_heads, head, mlp)
        self.tensors = []
        self.keys = {
            "block_count": layers, "context_length": 4096, "embedding_length": width, "feed_forward_length": mlp,
            "attention.head_count": heads, "attention.head_count_kv": kv_heads, "attention.key_length": head,
            "attention.value_length": head, "rope.dimension_count": head,
            "attention.layer_norm_rms_epsilon": 1e-6, **dict(keys)}
        self.matters, self.reference_keys = list(matters), dict(reference_keys)
        self.zeroed = set()
        self.matrix("token_embd", width, VOCABULARY, embedding)
        if not tied:
            self.matrix("output", width, VOCABULARY)

    def add(self, name, shape, scale, mean=0.0):
        self.tensors.append({"name": name, "shape": shape, "scale": scale, "mean": mean})

    def matrix(self, name, columns, rows, scale=None):
        self.add(name + ".weight", [columns, rows], scale or 2.0 / columns**0.5)

    def norm(self, name, count=None, bias=False):
        self.add(name + ".weight", [count or self.width], 0.5, 1.0)
        if bias:
            self.add(name + ".bias", [count or self.width], 0.5)

    def bias(self, name, count):
        self.add(name + ".bias", [count], 0.5)

    def attention(self, blk, heads=None, kv_heads=None, fused=False, bias=False):
        heads, kv_heads = heads or self.heads, kv_heads or self.kv_heads
        q, k = heads * self.head, kv_heads * self.head
        if fused:
            self.matrix(blk + "attn_qkv", self.width, q + 2 * k)
        else:
            for name, rows in ("attn_q", q), ("attn_k", k), ("attn_v", k):
                self.matrix(blk + name, self.width, rows)
                if bias:
                    self.bias(blk + name, rows)
        self.matrix(blk + "attn_output", q, self.width)

    def feed_forward(self, blk, mlp=None, fused=False, gate=True):
        mlp = mlp or self.mlp
        if not gate:
            self.matrix(blk + "ffn_up", self.width, mlp)
        elif fused:
            self.matrix(blk + "ffn_up", self.width, 2 * mlp)
        else:
            self.matrix(blk + "ffn_gate", self.width, mlp)
            self.matrix(blk + "ffn_up", self.width, mlp)
        self.matrix(blk + "ffn_down", mlp, self.width)

    def plain(self, each=lambda model, blk: None, fused=False, bias=False, norms=("attn_norm", "ffn_norm"),
              norm_bias=False, gate=True, fused_gate=None):
        """All layers alike; `each` adds what else a layer has."""
        for layer in range(self.layers):
            blk = f"blk.{layer}."
            self.attention(blk, fused=fused, bias=bias)
            self.feed_forward(blk, fused=fused if fused_gate is None else fused_gate, gate=gate)
            for name in norms:
                self.norm(blk + name, bias=norm_bias)
            each(self, blk)
        self.norm("output_norm", bias=norm_bias)
        return self

    def values(self, tensor):
        return np.zeros_like(values(tensor)) if tensor["name"] in self.zeroed else values(tensor)

    def write(self, path):
        writer = gguf.GGUFWriter(path, self.architecture)
        for key, value in {**self.keys, **self.reference_keys}.items():
            key = f"{self.architecture}.{key}"
            if isinstance(value, bool):
                writer.add_bool(key, value)
            elif isinstance(value, int):
                writer.add_uint32(key, value)
            elif isinstance(value, float):
                writer.add_float32(key, value)
            elif isinstance(value, str):
                writer.add_string(key, value)
            else:
                writer.add_array(key, value)
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre("gpt-2")
        writer.add_token_list([f"t{i}" for i in range(VOCABULARY)])
        writer.add_token_types([1] * VOCABULARY)
        writer.add_token_merges(["x y"])
        for tensor in self.tensors:
            writer.add_tensor(tensor["name"], self.values(tensor))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()

    def llama_cpp_logits(self):
        import llama_cpp

        with tempfile.TemporaryDirectory() as folder:
            path = str(pathlib.Path(folder) / "model.gguf")
            self.write(path)
            llama = llama_cpp.Llama(
                path, n_ctx=self.context, n_batch=64, n_threads=1, logits_all=True, verbose=False, type_k=0, type_v=0)
            llama.eval(TOKENS)
            return np.array(llama.scores[: len(TOKENS)], dtype=np.float64)

    def logits(self):
        return self.llama_cpp_logits()

    def log_probabilities(self):
        logits = self.logits()
        logits -= logits.max(-1, keepdims=True)
        logits -= np.log(np.exp(logits).sum(-1, keepdims=True))
        assert np.isfinite(logits).all()
        return logits

    def dropped(self, attention, mlp):
        """The log-probabilities without some sublayers."""
        outputs = [f"blk.{layer}.attn_output." for layer in attention] + [f"blk.{layer}.ffn_down." for layer in mlp]
        self.zeroed = {t["name"] for t in self.tensors if t["name"].startswith(tuple(outputs))}
        assert len(self.zeroed) >= len(outputs)
        result = self.log_probabilities()
        self.zeroed = set()
        return result


class BitNet(Model):
    """BitNet b1.58 2B4T (arXiv 2504.12285): llama with sub-norms, relu² and halves rotated."""

    def multiply(self, x, w, name):
        return x @ w[name + ".weight"].T

    def kept(self, x):
        """Keys and values as they are read again."""
        return x

    def logits(self):
        w = {tensor["name"]: self.values(tensor).astype(np.float64) for tensor in self.tensors}
        positions = np.arange(len(TOKENS))
        pairs = self.head // 2
        angles = positions[:, None] * 10000.0 ** (-np.arange(pairs) / pairs)

        def norm(x, name):
            return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-6) * w[name + ".weight"]

        def rotate(x):
            x = x.reshape(len(TOKENS), -1, self.head)
            a, b = x[..., :pairs], x[..., pairs:]
            c, s = np.cos(angles)[:, None], np.sin(angles)[:, None]
            return np.concatenate([a * c - b * s, a * s + b * c], -1)

        x = w["token_embd.weight"][TOKENS]
        for layer in range(self.layers):
            blk = f"blk.{layer}."
            n = norm(x, blk + "attn_norm")
            q, k, v = (self.multiply(n, w, f"{blk}attn_{name}") for name in "qkv")
            q, k, v = rotate(q), self.kept(rotate(k)), self.kept(v.reshape(len(TOKENS), -1, self.head))
            group = self.heads // self.kv_heads
            scores = np.einsum("thd,shd->hts", q, np.repeat(k, group, 1)) / self.head**0.5
            scores = np.where(positions[None, :, None] >= positions[None, None, :], scores, -np.inf)
            p = np.exp(scores - scores.max(-1, keepdims=True))
            p /= p.sum(-1, keepdims=True)
            mixed = np.einsum("hts,shd->thd", p, np.repeat(v, group, 1)).reshape(len(TOKENS), -1)
            x = x + self.multiply(norm(mixed, blk + "attn_sub_norm"), w, blk + "attn_output")
            n = norm(x, blk + "ffn_norm")
            gate, up = self.multiply(n, w, blk + "ffn_gate"), self.multiply(n, w, blk + "ffn_up")
            hidden = np.maximum(gate, 0) ** 2 * up
            x = x + self.multiply(norm(hidden, blk + "ffn_sub_norm"), w, blk + "ffn_down")
        return norm(x, "output_norm") @ w["token_embd.weight"].T


def head_norms(model, blk):
    model.norm(blk + "attn_q_norm", model.head)
    model.norm(blk + "attn_k_norm", model.head)


def own_head_norms(model, blk):
    """As many weights as heads."""
    model.add(blk + "attn_q_norm.weight", [model.head, model.heads], 0.5, 1.0)
    model.add(blk + "attn_k_norm.weight", [model.head, model.kv_heads], 0.5, 1.0)


def post_norms(model, blk):
    model.norm(blk + "post_attention_norm")
    model.norm(blk + "post_ffw_norm")


def sinks(model, blk):
    model.add(blk + "attn_sinks.weight", [model.heads], 2.0)


def divisors(model, blk):
    if blk == "blk.0.":
        model.add("rope_factors_long.weight", [model.head // 2], 3.0, 5.0)
        model.add("rope_factors_short.weight", [model.head // 2], 0.5, 2.0)


def sub_norms(model, blk):
    model.norm(blk + "attn_sub_norm", model.heads * model.head)
    model.norm(blk + "ffn_sub_norm", model.mlp)


def output_biases(model, blk):
    model.bias(blk + "attn_output", model.width)
    model.bias(blk + "ffn_up", model.mlp)
    model.bias(blk + "ffn_down", model.width)


def gate_bias(model, blk):
    model.bias(blk + "ffn_gate", model.mlp)


def both(*parts):
    return lambda model, blk: [part(model, blk) for part in parts]


def models():
    yield Model("llama", "llama", keys={"rope.freq_base": 500000.0}, matters=["rope.freq_base"]).plain()
    yield Model("llama, heads 20 wide, MLP of 40", "llama", head=20, mlp=40, width=48, tied=False).plain()

    yield Model("llama, biases everywhere", "llama").plain(both(output_biases, gate_bias), bias=True)
    yield Model("llama, linear scaling", "llama",
                keys={"rope.scaling.type": "linear", "rope.scaling.factor": 4.0},
                matters=["rope.scaling.factor"]).plain()
    yield Model("llama, YaRN", "llama",
                keys={"rope.scaling.type": "yarn", "rope.scaling.factor": 8.0,
                      "rope.scaling.original_context_length": 32},
                matters=["rope.scaling.type", "rope.scaling.factor", "rope.scaling.original_context_length"]).plain()
    yield Model("qwen2, YaRN with a factor of its own", "qwen2",
                keys={"rope.scaling.type": "yarn", "rope.scaling.factor": 4.0, "rope.scaling.attn_factor": 0.7,
                      "rope.scaling.original_context_length": 64},
                matters=["rope.scaling.attn_factor"]).plain(bias=True)

    llama3 = Model("llama, Llama 3's divisors", "llama").plain()
    llama3.add("rope_freqs.weight", [8], 3.0, 5.0)
    yield llama3

    yield Model("qwen2", "qwen2", tied=False).plain(bias=True)
    yield Model("qwen3", "qwen3", head=32).plain(head_norms)
    yield Model("gemma2", "gemma2", layers=4, embedding=0.25, keys={"attention.sliding_window": 5},
                matters=["attention.sliding_window"]).plain(post_norms)
    yield Model("gemma2, caps of its own", "gemma2", embedding=0.25,
                keys={"attn_logit_softcapping": 3.0, "final_logit_softcapping": 5.0},
                matters=["attn_logit_softcapping", "final_logit_softcapping"]).plain(post_norms)
    yield Model("gemma2, as deep as 27B", "gemma2", layers=46, width=32, heads=2, kv_heads=1, mlp=32, embedding=0.3).plain(
        post_norms)
    yield Model("gemma3", "gemma3", layers=7, embedding=0.25,
                keys={"attention.sliding_window": 5, "rope.freq_base": 1000000.0, "rope.scaling.type": "linear",
                      "rope.scaling.factor": 8.0},
                matters=["attention.sliding_window", "rope.scaling.factor"]).plain(both(head_norms, post_norms))

    yield Model("phi3", "phi3").plain(fused=True)
    for label, original in ("long", 16), ("short", 2048):
        phi = Model(f"phi3, {label} factors", "phi3",
                    keys={"rope.scaling.attn_factor": 1.3, "rope.scaling.original_context_length": original},
                    matters=["rope.scaling.attn_factor"]).plain(fused=True)
        phi.add("rope_factors_long.weight", [8], 3.0, 5.0)
        phi.add("rope_factors_short.weight", [8], 0.5, 2.0)
        yield phi
    yield Model("phi3, partial rotation", "phi3", keys={"rope.dimension_count": 12},
                matters=["rope.dimension_count"]).plain(fused=True)

    yield Model("smollm3", "smollm3", layers=5).plain()
    olmo = lambda model, blk: (
        model.norm(blk + "attn_q_norm", model.heads * model.head),
        model.norm(blk + "attn_k_norm", model.kv_heads * model.head),
        post_norms(model, blk))
    yield Model("olmo2", "olmo2", tied=False).plain(olmo, norms=())
    yield Model("olmo2, windows and YaRN (OLMo 3)", "olmo2", layers=5, tied=False,
                keys={"attention.sliding_window": 5, "rope.scaling.type": "yarn", "rope.scaling.factor": 8.0,
                      "rope.scaling.original_context_length": 32},
                matters=["attention.sliding_window", "rope.scaling.type"]).plain(olmo, norms=())
    yield Model("granite", "granite",
                keys={"logit_scale": 4.0, "residual_scale": 0.4, "embedding_scale": 3.0, "attention.scale": 0.1},
                matters=["logit_scale", "residual_scale", "embedding_scale", "attention.scale"]).plain()
    yield Model("granite without rotation", "granite", keys={"logit_scale": 2.0, "rope.scaling.finetuned": False},
                matters=["rope.scaling.finetuned"]).plain()

    stable = {"attention.layer_norm_epsilon": 1e-5, "rope.dimension_count": 4}
    yield Model("stablelm", "stablelm", keys=stable, tied=False).plain(bias=True, norm_bias=True)
    yield Model("stablelm, parallel, head norms (12B)", "stablelm", keys=stable, tied=False).plain(
        own_head_norms, norms=["attn_norm"], norm_bias=True)

    yarn = {"rope.scaling.type": "yarn", "rope.scaling.factor": 8.0, "rope.scaling.original_context_length": 6,
            "rope.scaling.yarn_log_multiplier": 1.0}
    yield Model("mistral3", "mistral3", head=32, keys={**yarn, "attention.temperature_scale": 0.5},
                matters=["attention.temperature_scale", "rope.scaling.yarn_log_multiplier"]).plain()
    yield Model("mistral3 without a temperature, biases", "mistral3", tied=False, keys=yarn).plain(
        both(output_biases, gate_bias), bias=True)

    yield Model("qwen2vl", "qwen2vl", tied=False, keys={"rope.dimension_sections": [2, 3, 3, 0]}).plain(bias=True)
    yield Model("qwen3vl", "qwen3vl", head=32, keys={"rope.dimension_sections": [6, 5, 5, 0]}).plain(head_norms)
    # llama.cpp leaves pairs 61 and 62 of a head as they are, the authors' code rotates them by 4e-7 a position.
    yield Model("qwen3vl, the sections of real models", "qwen3vl", head=128, heads=2, kv_heads=1, layers=2,
                keys={"rope.dimension_sections": [24, 20, 20, 0], "rope.freq_base": 5e6},
                matters=["rope.freq_base"]).plain(head_norms)

    exaone = Model("exaone4", "exaone4").plain(both(head_norms, post_norms), norms=())
    exaone.add("rope_freqs.weight", [8], 3.0, 5.0)
    yield exaone
    yield Model("exaone4, windows (32B)", "exaone4", layers=64, width=32, heads=2, kv_heads=1, mlp=32,
                keys={"attention.sliding_window": 5}, matters=["attention.sliding_window"]).plain(
        both(head_norms, post_norms), norms=())

    half = {"rope.dimension_count": 8}
    yield Model("glm4", "glm4", tied=False, keys=half, matters=["rope.dimension_count"]).plain(
        post_norms, fused_gate=True)
    yield Model("glm4, head of its own width, biases", "glm4", head=32).plain(post_norms, bias=True, fused_gate=True)
    yield Model("glm4, sections (4.1V)", "glm4", keys={**half, "rope.dimension_sections": [2, 1, 1, 0]},
                matters=["rope.dimension_sections"]).plain(post_norms, bias=True, fused_gate=True)
    yield Model("ernie4_5", "ernie4_5", head=32, keys={"rope.freq_base": 500000.0}).plain()
    yield Model("hunyuan-dense", "hunyuan-dense", head=32).plain(head_norms)
    yield Model("seed_oss", "seed_oss", head=32, tied=False).plain(bias=True, norms=["attn_norm", "post_attention_norm"])
    yield Model("gemma", "gemma", head=32, kv_heads=1, embedding=0.25).plain()
    yield Model("minicpm", "minicpm", keys={"logit_scale": 4.0, "residual_scale": 0.4, "embedding_scale": 3.0},
                matters=["logit_scale", "residual_scale", "embedding_scale"]).plain()
    # Logits are divided by width / 256, which llama.cpp does only where the file says so.
    yield Model("minicpm without scales, divisors", "minicpm", layers=5, tied=False, reference_keys={"logit_scale": 64 / 256},
                keys={"rope.scaling.type": "longrope", "rope.scaling.original_context_length": 16}).plain(divisors)
    yield Model("internlm2", "internlm2", tied=False, keys={"rope.freq_base": 1000000.0},
                matters=["rope.freq_base"]).plain()

    layer_norm = {"attention.layer_norm_epsilon": 1e-5}
    yield Model("command-r", "command-r", keys={**layer_norm, "logit_scale": 0.5}, matters=["logit_scale"]).plain(
        norms=["attn_norm"])
    yield Model("command-r, head norms (104B)", "command-r", layers=64, width=32, heads=2, kv_heads=1, mlp=32,
                keys={**layer_norm, "logit_scale": 0.5}).plain(own_head_norms, norms=["attn_norm"])
    yield Model("cohere2", "cohere2", layers=5,
                keys={**layer_norm, "logit_scale": 0.25, "attention.sliding_window": 5, "rope.freq_base": 50000.0},
                matters=["logit_scale", "attention.sliding_window", "rope.freq_base"]).plain(norms=["attn_norm"])
    yield Model("starcoder2", "starcoder2", keys=layer_norm).plain(
        output_biases, bias=True, norm_bias=True, gate=False)
    yield Model("nemotron", "nemotron", tied=False, keys={**layer_norm, **half}, matters=["rope.dimension_count"]).plain(
        norm_bias=True, gate=False)
    yield Model("nemotron, biases everywhere", "nemotron", tied=False, keys={**layer_norm, **half}).plain(
        output_biases, bias=True, norm_bias=True, gate=False)
    arcee = Model("arcee", "arcee", head=32).plain(gate=False)
    arcee.add("rope_freqs.weight", [16], 3.0, 5.0)
    yield arcee
    yield Model("falcon", "falcon", kv_heads=1, keys=layer_norm).plain(
        fused=True, norms=["attn_norm"], norm_bias=True, gate=False)
    scales = {"logit_scale": 4.0, "residual_scale": 0.4, "embedding_scale": 3.0, "attention.scale": 0.1}
    yield Model("granite_swa", "granite_swa", layers=4,
                keys={**scales, "attention.sliding_window": 5,
                      "attention.sliding_window_pattern": [True, False, True, False],
                      "attention.rope_pattern": [True, True, False, False]},
                matters=["attention.sliding_window", "attention.sliding_window_pattern", "attention.rope_pattern"]).plain(
        sinks)

    yield Model("bitnet", "bitnet").plain(sub_norms)
    yield BitNet("bitnet-b1.58", "bitnet-b1.58").plain(sub_norms)

    yield Model("deci, all layers whole", "deci").plain()
    shapes = [(4, 2, 96), (0, 0, 64), (4, 0, 112), (2, 1, 48), (0, 0, 0), (4, 4, 96)]
    deci = Model("deci, layers of all kinds", "deci", layers=len(shapes),
                 keys={"attention.head_count": [s[0] for s in shapes],
                       "attention.head_count_kv": [s[1] for s in shapes],
                       "feed_forward_length": [s[2] for s in shapes]})
    for layer, (heads, kv_heads, mlp) in enumerate(shapes):
        blk = f"blk.{layer}."
        if heads:
            deci.norm(blk + "attn_norm")
            if kv_heads:
                deci.attention(blk, heads, kv_heads)
            else:
                deci.matrix(blk + "attn_output", deci.width, deci.width)
        if mlp:
            deci.norm(blk + "ffn_norm")
            deci.feed_forward(blk, mlp)
    deci.norm("output_norm")
    yield deci


def rounded(log_probabilities):
    return [[round(x, 5) for x in row] for row in log_probabilities.tolist()]


def main():
    fixtures = []
    for model in models():
        logits = model.log_probabilities()
        entropy = -(np.exp(logits) * logits).sum(-1).mean()
        print(f"{model.label}: entropy {entropy:.2f} nats")
        fixture = {
            "label": model.label, "architecture": model.architecture, "context": model.context, "keys": model.keys,
            "matters": model.matters, "tensors": model.tensors, "log_probabilities": rounded(logits)}
        if all(other["architecture"] != model.architecture for other in fixtures):
            attention, mlp = [1], [0, 1]
            fixture["dropped"] = {"attention": attention, "mlp": mlp,
                                  "log_probabilities": rounded(model.dropped(attention, mlp))}
        fixtures.append(fixture)
    text = json.dumps({"tokens": TOKENS, "vocabulary": VOCABULARY, "models": fixtures}, separators=(",", ":"))
    pathlib.Path(__file__).with_name("architectures.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
