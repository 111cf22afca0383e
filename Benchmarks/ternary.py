#!/usr/bin/env python3
"""Ternary models beside llama.cpp: files of BitNet's shapes with random weights, in TQ2_0, which both programs read.

    ternary.py                          prefill and decoding of the shapes 0.7B, 2B and 7B
    ternary.py --shapes 2B --f16        beside the same weights in F16 too
    ternary.py --kernels avx2           with one kernel set; LLAMA_CPP_LIB_PATH names a llama.cpp built alike

Each round runs Pare, then llama.cpp; what is printed are medians over the rounds, their spread, the ratio, and the share of
the roofs of the same minutes: of decoding that of reading memory, of prefill that of products of bytes by the instructions
that the kernels use. Speed does not depend on what weights say, so random ones do. Where the processor counts its energy
(RAPL) and the count can be read, joules a token are printed.

Needs llama-cpp-python, gguf and numpy.
"""

import argparse
import json
import random
import statistics
from pathlib import Path

import gguf
import numpy as np

from peers import Pare
from speed import ROOT, Llama, spread

CACHE = ROOT / ".cache/benchmarks/models"
# layers, width, width of the MLP, heads, KV heads, vocabulary; shapes of BitNet b1.58's published models
SHAPES = {
    "0.7B": (24, 1536, 4096, 16, 16, 32002),
    "2B": (30, 2560, 6912, 20, 5, 128256),
    "7B": (32, 4096, 11008, 32, 32, 32000),
}
ENERGY = Path("/sys/class/powercap/intel-rapl:0/energy_uj")


def ternary(random_numbers, rows, columns, kind):
    """A matrix of −d, 0 and d: its blocks, and the shape that the writer wants of bytes."""
    d = np.float16(0.02)
    if kind == "F16":
        return (random_numbers.integers(-1, 2, (rows, columns), np.int8) * d).astype(np.float16)
    blocks = np.empty((rows, columns // 256, 66), np.uint8)
    digits = random_numbers.integers(0, 81, (rows, columns // 256, 64), np.uint8)
    blocks[..., :64] = digits // 27 | digits // 9 % 3 << 2 | digits // 3 % 3 << 4 | digits % 3 << 6
    blocks[..., 64:] = np.frombuffer(d.tobytes(), np.uint8)
    return blocks.reshape(rows, -1)


def six_bits(random_numbers, rows, columns):
    """A matrix of random Q6_K blocks."""
    blocks = random_numbers.integers(0, 256, (rows, columns // 256, 210), np.uint8)
    blocks[..., 208:] = np.frombuffer(np.float16(1e-5).tobytes(), np.uint8)
    return blocks.reshape(rows, -1)


def made(name, kind):
    """The file of a shape, made once."""
    target = CACHE / f"ternary-{name}.{kind}.gguf"
    if target.exists():
        return target
    CACHE.mkdir(parents=True, exist_ok=True)
    layers, width, inner, heads, kv_heads, vocabulary = SHAPES[name]
    kv_width = width // heads * kv_heads
    numbers = np.random.default_rng(1)
    part = target.with_suffix(".part")
    writer = gguf.GGUFWriter(part, "bitnet", use_temp_file=False)
    writer.add_context_length(4096)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv_heads)
    writer.add_rope_dimension_count(width // heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(vocabulary)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("llama-bpe")
    letters = [chr(c) for c in [*range(33, 127), *range(161, 173), *range(174, 256), *range(256, 324)]]
    writer.add_token_list(letters + [f"token{i}" for i in range(len(letters), vocabulary)])
    writer.add_token_types([1] * vocabulary)
    writer.add_token_merges([f"{letters[0]} {letters[1]}"])
    writer.add_bos_token_id(vocabulary - 2)
    writer.add_eos_token_id(vocabulary - 1)
    own = {"TQ2_0": gguf.GGMLQuantizationType.TQ2_0, "F16": gguf.GGMLQuantizationType.F16}[kind]

    def matrix(name, rows, columns):
        writer.add_tensor(f"{name}.weight", ternary(numbers, rows, columns, kind), raw_dtype=own)

    def norm(name, size):
        writer.add_tensor(f"{name}.weight", np.ones(size, np.float32))

    if kind == "F16":
        head = (numbers.standard_normal((vocabulary, width), np.float32) * 0.02).astype(np.float16)
        writer.add_tensor("token_embd.weight", head)
    else:
        head = six_bits(numbers, vocabulary, width)
        writer.add_tensor("token_embd.weight", head, raw_dtype=gguf.GGMLQuantizationType.Q6_K)
    norm("output_norm", width)
    for layer in range(layers):
        for part_name, rows, columns in (
            ("attn_q", width, width), ("attn_k", kv_width, width), ("attn_v", kv_width, width),
            ("attn_output", width, width), ("ffn_gate", inner, width), ("ffn_up", inner, width),
            ("ffn_down", width, inner),
        ):
            matrix(f"blk.{layer}.{part_name}", rows, columns)
        for part_name, size in (("attn_norm", width), ("attn_sub_norm", width), ("ffn_norm", width), ("ffn_sub_norm", inner)):
            norm(f"blk.{layer}.{part_name}", size)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    part.rename(target)
    return target


def joules():
    try:
        return int(ENERGY.read_text()) / 1e6
    except OSError:
        return None


def measure(pare, path, options, has_peer=True):
    """Rates of both programs for each test, in turns, and Pare's last report."""
    arguments = ["-m", path, "-t", options.threads, "-c", 2048, *options.pare_options]
    arguments += ["--kernels", options.kernels] if options.kernels else []
    tests = {"prefill 128": (128, 0), "prefill 512": (512, 0), "decode": (0, options.decoded)}
    llama = Llama(path, 2048, options.threads) if has_peer else None
    if llama:
        llama.rate(prompt=64)  # warm
    ours, theirs, energy = {t: [] for t in tests}, {t: [] for t in tests}, []
    for _ in range(options.rounds):
        short = pare.json("bench", *arguments, "-p", 128, "-n", 0, "-r", 1)
        report = pare.json("bench", *arguments, "-p", 512, "-n", options.decoded, "-r", 1, "--roof")
        ours["prefill 128"] += short["prefill"]["tok_per_s"]
        ours["prefill 512"] += report["prefill"]["tok_per_s"]
        ours["decode"] += report["decode"]["tok_per_s"]
        if llama:
            for test, (prompt, decoded) in tests.items():
                before = joules()
                theirs[test].append(llama.rate(prompt=prompt, decoded=decoded))
                if before is not None:
                    energy.append((test, (joules() - before) / (prompt + decoded)))
    return ours, theirs, energy, report


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", nargs="*", choices=SHAPES, default=list(SHAPES))
    parser.add_argument("--pare", default=ROOT / ".build/release/pare", help="the program")
    parser.add_argument("-r", "--rounds", type=int, default=3)
    parser.add_argument("-t", "--threads", type=int, default=2, help="of both programs")
    parser.add_argument("-n", "--decoded", type=int, default=32, help="tokens to decode")
    parser.add_argument("--kernels", help="Pare's kernel set")
    parser.add_argument("--f16", action="store_true", help="the same weights in F16 too, where memory holds them")
    parser.add_argument("--pare-options", nargs=argparse.REMAINDER, default=[], help="more options of Pare's, last")
    parser.add_argument("--output", default=ROOT / ".cache/benchmarks/ternary.json", type=Path, help="JSON, in full")
    options = parser.parse_args()
    random.seed(1)
    pare, results = Pare(options.pare), []
    print("| shape | test | Pare tok/s | llama.cpp TQ2_0 tok/s | ratio | of the roof | times F16 |")
    print("|---|---|---|---|---|---|---|")
    for name in options.shapes:
        ours, theirs, energy, report = measure(pare, made(name, "TQ2_0"), options)
        plain = measure(pare, made(name, "F16"), options, has_peer=False)[0] if options.f16 else None
        roof = report["roof"]
        for test, rates in ours.items():
            own, other = statistics.median(rates), statistics.median(theirs[test])
            share = {"decode": roof["decode_fraction"], "prefill 512": roof["prefill_fraction"]}.get(test)
            row = {"shape": name, "test": test, "pare": rates, "llama": theirs[test], "ratio": own / other, "roof": share}
            row["times_f16"] = own / statistics.median(plain[test]) if plain else None
            results.append(row)
            cells = [name, test, f"{own:.1f} ({spread(rates)})", f"{other:.1f} ({spread(theirs[test])})",
                     f"{row['ratio']:.2f}", f"{100 * share:.0f} %" if share else "–",
                     f"{row['times_f16']:.2f}" if plain else "–"]
            print("|", " | ".join(cells), "|", flush=True)
    print(
        f"\n{report['threads']} threads, {report['kernels']}; memory is read at {roof['read_gb_per_s']:.1f} GB/s, 8-bit "
        f"products run at {roof['int8_gmac_per_s']:.0f} GMAC/s. Energy: {energy or 'not counted by this machine'}."
    )
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
