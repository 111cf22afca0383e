"""Compares block-formats.json with llama.cpp's own decoders, bit for bit.

    python3 check_block_formats.py .../site-packages/llama_cpp/lib/libggml-base.so

The library comes with llama-cpp-python 0.3.36. It decodes every format but I2_S, Q8_1, Q8_K and plain numbers.
"""
import base64
import ctypes
import json
import sys
from pathlib import Path

import numpy as np

IDS = {
    "F16": 1, "Q4_0": 2, "Q4_1": 3, "Q5_0": 6, "Q5_1": 7, "Q8_0": 8, "Q2_K": 10, "Q3_K": 11, "Q4_K": 12, "Q5_K": 13,
    "Q6_K": 14, "IQ2_XXS": 16, "IQ2_XS": 17, "IQ3_XXS": 18, "IQ1_S": 19, "IQ4_NL": 20, "IQ3_S": 21, "IQ2_S": 22,
    "IQ4_XS": 23, "IQ1_M": 29, "BF16": 30, "TQ1_0": 34, "TQ2_0": 35, "MXFP4": 39, "NVFP4": 40, "Q1_0": 41, "Q2_0": 42,
}


class Traits(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p), ("elements", ctypes.c_int64), ("interleave", ctypes.c_int64),
        ("bytes", ctypes.c_size_t), ("quantized", ctypes.c_bool), ("decode", ctypes.c_void_p), ("encode", ctypes.c_void_p),
    ]


library = ctypes.CDLL(sys.argv[1])
library.ggml_get_type_traits.restype = ctypes.POINTER(Traits)
fixtures = json.loads(Path(__file__).with_name("block-formats.json").read_text())
for name, number in IDS.items():
    traits = library.ggml_get_type_traits(number).contents
    blocks = base64.b64decode(fixtures[name]["blocks"])
    values = np.zeros(len(blocks) // traits.bytes * traits.elements, np.float32)
    source = ctypes.create_string_buffer(blocks, len(blocks))
    decode = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)(traits.decode)
    decode(ctypes.addressof(source), values.ctypes.data, len(values))
    raw = values.view(np.uint32).copy()
    raw[np.isnan(values)] = 0x7FC00000
    runs = np.concatenate([raw, np.zeros(-len(raw) % 256, np.uint32)]).reshape(-1, 256).astype(np.uint64)
    checksums = (runs * (2 * np.arange(256, dtype=np.uint64) + 1)).sum(axis=1, dtype=np.uint64)
    assert [str(c) for c in checksums] == fixtures[name]["checksums"], name
print(f"{len(IDS)} formats are equal")
