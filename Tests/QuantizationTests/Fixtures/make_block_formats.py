"""Writes block-formats.json: random blocks of every format and what they decode to.

    python3 make_block_formats.py

Decoded by the gguf package, except for the formats it cannot decode (REFERENCES below), which are decoded
here from their description, element by element. For each format:

    blocks     base64 of the blocks
    first      base64 of the f32 values of the first block (of the first 32 elements for plain numbers)
    checksums  for each run of 256 elements, the sum of bits * (2i + 1) modulo 2^64, all NaNs as 0x7FC00000
"""
import base64
import json
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGML_QUANT_SIZES, quants

random = np.random.default_rng(20)
np.seterr(all="ignore")  # random scales include NaN and infinity
RUN = 256


def f16(data, at):
    return np.float32(data[at : at + 2].copy().view(np.float16)[0])


def i8(byte):
    return int(byte) - 256 if byte > 127 else int(byte)


# Formats unknown to the gguf package: (elements, bytes, decode one block).
def q8_1(b):
    return [f16(b, 0) * np.float32(i8(b[4 + i])) for i in range(32)]


def q8_k(b):
    d = b[0:4].copy().view(np.float32)[0]
    return [d * np.float32(i8(b[4 + i])) for i in range(256)]


def q1_0(b):
    return [f16(b, 0) * np.float32(1 if b[2 + i // 8] >> (i % 8) & 1 else -1) for i in range(128)]


def q2_0(b):
    return [f16(b, 0) * np.float32(int(b[2 + i // 4] >> (2 * (i % 4)) & 3) - 1) for i in range(64)]


REFERENCES = {"Q8_1": (32, 36, q8_1), "Q8_K": (256, 292, q8_k), "Q1_0": (128, 18, q1_0), "Q2_0": (64, 18, q2_0)}


def bits(values):
    values = np.asarray(values, np.float32).reshape(-1)
    raw = values.view(np.uint32).copy()
    raw[np.isnan(values)] = 0x7FC00000
    return raw


def entry(blocks, values, first):
    raw = bits(values)
    runs = np.concatenate([raw, np.zeros(-len(raw) % RUN, np.uint32)]).reshape(-1, RUN).astype(np.uint64)
    checksums = (runs * (2 * np.arange(RUN, dtype=np.uint64) + 1)).sum(axis=1, dtype=np.uint64)
    return {
        "blocks": base64.b64encode(blocks.tobytes()).decode(),
        "first": base64.b64encode(raw[:first].tobytes()).decode(),
        "checksums": [str(c) for c in checksums],
    }


# Indices that reach every point of a format's codebook, put where the format keeps them.
def set_indices(name, blocks):
    def spread(count, per_block):
        all_points = np.arange(len(blocks) * per_block) % count
        assert len(all_points) >= count
        return random.permutation(all_points).reshape(len(blocks), per_block)

    if name == "IQ1_S":
        points = spread(2048, 32)
        blocks[:, 2:34] = points & 255
        high = (points >> 8).reshape(-1, 8, 4)
        words = blocks[:, 34:50].copy().view(np.uint16) & 0xF000
        words |= (high << np.array([0, 3, 6, 9])).sum(axis=2).astype(np.uint16)
        blocks[:, 34:50] = words.view(np.uint8)
    elif name == "IQ1_M":
        points = spread(2048, 32)
        blocks[:, 0:32] = points & 255
        high = (points >> 8).reshape(-1, 16, 2)
        blocks[:, 32:48] = (blocks[:, 32:48] & 0x88) | (high[..., 0] | high[..., 1] << 4)
    elif name == "IQ2_XXS":
        points = spread(256, 32).reshape(-1, 8, 4)
        for s in range(8):
            blocks[:, 2 + 8 * s : 6 + 8 * s] = points[:, s]
    elif name == "IQ2_XS":
        words = blocks[:, 2:66].copy().view(np.uint16) & 0xFE00
        blocks[:, 2:66] = (words | spread(512, 32).astype(np.uint16)).view(np.uint8)
    elif name == "IQ2_S":
        points = spread(1024, 32)
        blocks[:, 2:34] = points & 255
        blocks[:, 66:74] = ((points >> 8).reshape(-1, 8, 4) << np.array([0, 2, 4, 6])).sum(axis=2)
    elif name == "IQ3_XXS":
        blocks[:, 2:66] = spread(256, 64)
    elif name == "IQ3_S":
        points = spread(512, 64)
        blocks[:, 2:66] = points & 255
        blocks[:, 66:74] = ((points >> 8).reshape(-1, 8, 8) << np.arange(8)).sum(axis=2)


formats = {}
for kind in GGMLQuantizationType:
    name = kind.name
    elements, size = GGML_QUANT_SIZES[kind]
    if elements == 1 or name in REFERENCES:
        continue
    count = 64 if name.startswith("IQ1") else 32 if name == "IQ2_S" else max(16, 1024 // elements)
    blocks = random.integers(0, 256, (count, size), np.uint8)
    set_indices(name, blocks)
    formats[name] = entry(blocks, quants.dequantize(blocks, kind), elements)

for name, (elements, size, decode) in REFERENCES.items():
    blocks = random.integers(0, 256, (max(16, 1024 // elements), size), np.uint8)
    formats[name] = entry(blocks, [decode(block) for block in blocks], elements)

# I2_S: a tensor of 1024 elements; element 32g + p of a block of 128 in byte p at bits 6 - 2g; then the scale.
codes = random.integers(0, 256, 256, np.uint8)
scale = np.float32(1.37)
values = [
    scale * np.float32(int(codes[32 * (i // 128) + i % 32] >> (6 - 2 * (i % 128 // 32)) & 3) - 1) for i in range(1024)
]
tail = np.concatenate([np.frombuffer(scale.tobytes(), np.uint8), random.integers(0, 256, 28, np.uint8)])
formats["I2_S"] = entry(np.concatenate([codes, tail]), values, 128)

# Plain numbers.
raw = random.integers(0, 256, 8 * 256, np.uint8)
plain = {"F32": np.float32, "F16": np.float16, "F64": np.float64, "I8": np.int8, "I16": np.int16, "I32": np.int32, "I64": np.int64}
for name, dtype in plain.items():
    formats[name] = entry(raw, raw.view(dtype).astype(np.float32), 32)
formats["BF16"] = entry(raw, (raw.view(np.uint16).astype(np.uint32) << 16).view(np.float32), 32)

path = Path(__file__).with_name("block-formats.json")
path.write_text("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in sorted(formats.items())) + "\n}\n")
