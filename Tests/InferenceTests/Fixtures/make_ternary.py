"""Makes ternary.json: a tiny BitNet with ternary weights, computed as such models are trained.

    pip install numpy gguf
    python make_ternary.py

Weights are −1, 0 and 1 times one scale for a matrix; the inputs of every matrix of a layer are whole numbers of 8 bits with
one scale for a token (arXiv 2402.17764, 2410.16144); their products are summed up as whole numbers of 64 bits. Keys and values
are kept in f16, whose rounding moves some of those whole numbers. All else is float64. The weights follow from the tensors' names, as in make_architectures.py.
"""

import json
import pathlib

import numpy as np

from make_architectures import TOKENS, VOCABULARY, BitNet, rounded, values


class Ternary(BitNet):
    def values(self, tensor):
        plain = values(tensor)
        if not is_ternary(tensor):
            return plain
        return trits(tensor).astype(np.float32) * np.float32(tensor["scale"])

    def kept(self, x):
        return x.astype(np.float16).astype(np.float64)

    def multiply(self, x, w, name):
        tensor = next(t for t in self.tensors if t["name"] == name + ".weight")
        largest = np.abs(x).max(-1, keepdims=True)
        codes = np.rint(x * (127 / largest)).astype(np.int64)
        assert np.abs(codes).max() == 127
        sums = codes @ trits(tensor).T.astype(np.int64)
        return sums * (largest / 127) * np.float64(np.float32(tensor["scale"]))


def is_ternary(tensor):
    return len(tensor["shape"]) == 2 and tensor["name"].startswith("blk.")


def trits(tensor):
    third = np.float32(tensor["scale"]) / 3
    plain = values(tensor)
    return np.where(plain > third, 1, np.where(plain < -third, -1, 0))


def main():
    def sub_norms(model, blk):
        model.norm(blk + "attn_sub_norm", model.heads * model.head)
        model.norm(blk + "ffn_sub_norm", model.mlp)

    model = Ternary("bitnet-b1.58, ternary", "bitnet-b1.58").plain(sub_norms)
    fixture = {
        "label": model.label, "architecture": model.architecture, "context": model.context, "keys": model.keys,
        "matters": [], "tensors": model.tensors, "log_probabilities": rounded(model.log_probabilities())}
    text = json.dumps({"tokens": TOKENS, "vocabulary": VOCABULARY, "models": [fixture]}, separators=(",", ":"))
    pathlib.Path(__file__).with_name("ternary.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
