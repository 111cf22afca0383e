"""Writes a file with the gguf package, which ours must read, and write the same to the byte.

    python3 make_written.py

It is called .bin because git ignores models.
"""
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFValueType, GGUFWriter

path = Path(__file__).with_name("written-by-gguf-package.bin")
writer = GGUFWriter(path, "llama")
writer.add_custom_alignment(64)
writer.add_uint8("u8", 200)
writer.add_int8("i8", -100)
writer.add_uint16("u16", 60000)
writer.add_int16("i16", -30000)
writer.add_uint32("u32", 4000000000)
writer.add_int32("i32", -2000000000)
writer.add_uint64("u64", 2**64 - 1)
writer.add_key_value("i64", -(2**63), GGUFValueType.INT64)
writer.add_float32("f32", 0.1)
writer.add_float64("f64", 0.1)
writer.add_bool("yes", True)
writer.add_bool("no", False)
writer.add_string("string", "naïve 日本 🙂")
writer.add_array("strings", ["", "a", "▁the"])
writer.add_array("bytes", [b"\xff\xfe", b"\x00", b"ok"])
writer.add_array("ints", [-1, 0, 2**31 - 1])
writer.add_array("floats", [0.5, -1.25, 1e30])
writer.add_array("bools", [True, False, True])
writer.add_tensor("f32.weight", np.arange(6, dtype=np.float32).reshape(2, 3))
writer.add_tensor("f16.weight", np.arange(5, dtype=np.float16))
blocks = (np.arange(2 * 3 * 34) % 251).astype(np.uint8).reshape(2, 3 * 34)
writer.add_tensor("q8_0.weight", blocks, raw_dtype=GGMLQuantizationType.Q8_0)
writer.add_tensor("last.weight", np.array([7], dtype=np.float32))
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
