#!/usr/bin/env python3
"""Pare and llama.cpp on the same files, side by side: prefill of 512 tokens, decoding of 128, and of 64 at depth 2048.

    speed.py                       the cases of the catalogue's models: `make bench-peers`
    speed.py --cases smol gemma    some of them
    speed.py --kernels avx2        with one kernel set; LLAMA_CPP_LIB_PATH names a llama.cpp built alike

Each round runs Pare, then llama.cpp; what is printed are medians over the rounds, their spread, and the ratio of the
medians, with the roofs of this machine taken in the same minutes. Files that no catalogue has (other types of the
same model) are made once with llama.cpp's quantizer, in the cache folder.

Needs llama-cpp-python and numpy, and the models (`pare pull`).
"""

import argparse
import ctypes
import json
import random
import statistics
import time
from pathlib import Path

from peers import Pare

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache/benchmarks/models"
SMOL, GEMMA, QWEN = "SmolLM2-135M-Instruct", "Gemma-3-270M", "Qwen2.5-Coder-1.5B-Instruct"
# name: the model, its type for both programs (None: the catalogue's), Pare's bits, llama.cpp's type if it is another;
# decode and prefill that must be reached, as ratios.
CASES = {
    "smol": (SMOL, None, None, None, (1.6, 2.5)),
    "smol-q8": (SMOL, "Q8_0", None, None, (1.4, 1.3)),
    "smol-f16": (SMOL, "F16", None, None, (1.4, 1.3)),
    "gemma": (GEMMA, None, None, None, (1.6, 1.5)),
    "qwen": (QWEN, None, None, None, (1.35, 1.3)),
    "qwen-4": (QWEN, None, "4", "Q4_0", (1.3, 1.25)),
    "qwen-3": (QWEN, None, "3", None, None),
    "qwen-2": (QWEN, None, "2", "Q2_K", (1.3, 1.25)),
}


def converted(path, kind):
    """The model of a file in another type, made once."""
    import llama_cpp

    target = CACHE / f"{Path(path).stem}.{kind}.gguf"
    if not target.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        parameters = llama_cpp.llama_model_quantize_default_params()
        parameters.allow_requantize = parameters.pure = True
        parameters.ftype = getattr(llama_cpp, "LLAMA_FTYPE_" + ("MOSTLY_" if kind != "F32" else "ALL_") + kind)
        part = target.with_suffix(".part")
        if llama_cpp.llama_model_quantize(str(path).encode(), str(part).encode(), ctypes.byref(parameters)):
            raise SystemExit(f"{path}: llama.cpp could not make {kind} of it")
        part.rename(target)
    return target


class Llama:
    """llama.cpp by its C interface, as llama-bench drives it: random tokens, no sampling."""

    def __init__(self, path, context, threads):
        import llama_cpp

        self.llama = llama_cpp.Llama(
            str(path), n_ctx=context, n_batch=2048, n_ubatch=512, n_threads=threads, n_threads_batch=threads,
            verbose=False,
        )
        self.api, self.context = llama_cpp, self.llama.ctx
        self.vocabulary = self.llama.n_vocab()

    def read(self, count):
        tokens = (self.api.llama_token * count)(*(random.randrange(self.vocabulary) for _ in range(count)))
        if self.api.llama_decode(self.context, self.api.llama_batch_get_one(tokens, count)):
            raise SystemExit("llama.cpp could not decode")
        self.api.llama_synchronize(self.context)

    def forget(self):
        self.api.llama_memory_clear(self.api.llama_get_memory(self.context), True)

    def rate(self, prompt=0, decoded=0, depth=0):
        """Tokens a second of reading `prompt` at once, or of decoding one by one after `depth`."""
        self.forget()
        if depth:
            self.read(depth)
        start = time.perf_counter()
        if prompt:
            self.read(prompt)
        for _ in range(decoded):
            self.read(1)
        return (prompt + decoded) / (time.perf_counter() - start)


def measure(pare, name, options):
    """Rates of both programs for each test of a case, and Pare's reports."""
    model, kind, bits, peer, bars = CASES[name]
    path = Path(pare.path(model))
    own = converted(path, kind) if kind else path
    other = converted(path, peer) if peer else own
    arguments = ["-m", own, "-t", options.threads, "-c", 2304]
    arguments += ["--bits", bits] if bits else []
    arguments += ["--kernels", options.kernels] if options.kernels else []
    has_peer = bits is None or peer is not None
    llama = Llama(other, 2304, options.threads) if has_peer else None
    tests = {
        "prefill": dict(prompt=512), "decode": dict(decoded=128), "decode at 2048": dict(decoded=64, depth=2048)
    }
    if llama:
        llama.rate(prompt=64)  # warm
    ours, theirs, report = {test: [] for test in tests}, {test: [] for test in tests}, None
    for _ in range(options.rounds):
        report = pare.json("bench", *arguments, "-p", 512, "-n", 128, "-r", 1, "--roof")
        deep = pare.json("bench", *arguments, "-p", 0, "-n", 64, "-r", 1, "--depth", 2048)
        ours["prefill"] += report["prefill"]["tok_per_s"]
        ours["decode"] += report["decode"]["tok_per_s"]
        ours["decode at 2048"] += deep["decode"]["tok_per_s"]
        if llama:
            for test, sizes in tests.items():
                theirs[test].append(llama.rate(**sizes))
    roof = report["roof"]
    fractions = {"prefill": roof["prefill_fraction"], "decode": roof["decode_fraction"]}
    fractions["decode at 2048"] = (
        statistics.median(ours["decode at 2048"]) * deep["bytes_per_token"] / roof["read_gb_per_s"] / 1e9
    )
    rows = []
    for test in tests:
        mine = statistics.median(ours[test])
        row = {"case": name, "file": own.name, "bits": bits, "peer": other.name if llama else None, "test": test}
        row |= {"pare": mine, "pare_all": ours[test], "roof_fraction": fractions[test]}
        if llama:
            row |= {"llama": statistics.median(theirs[test]), "llama_all": theirs[test]}
            row["ratio"] = mine / row["llama"]
        bar = dict(zip(("decode", "prefill"), bars or ())).get(test)
        rows.append(row | {"bar": bar})
    return rows, roof | {"kernels": report["kernels"], "threads": report["threads"]}


def spread(rates):
    return f"{min(rates):.0f}–{max(rates):.0f}" if min(rates) >= 100 else f"{min(rates):.1f}–{max(rates):.1f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", nargs="*", choices=CASES, default=list(CASES))
    parser.add_argument("--pare", default=ROOT / ".build/release/pare", help="the program")
    parser.add_argument("-r", "--rounds", type=int, default=3)
    parser.add_argument("-t", "--threads", type=int, default=2, help="of both programs")
    parser.add_argument("--kernels", help="Pare's kernel set")
    parser.add_argument("--output", default=ROOT / ".cache/benchmarks/speed.json", type=Path, help="JSON, in full")
    options = parser.parse_args()
    results = []
    print("| file | test | Pare tok/s | llama.cpp tok/s | ratio | must | of the roof |")
    print("|---|---|---|---|---|---|---|")
    for name in options.cases:
        rows, roof = measure(Pare(options.pare), name, options)
        for row in rows:
            file = row["file"] + (f" at {row['bits']} bits" if row["bits"] else "")
            own = f"{row['pare']:.1f} ({spread(row['pare_all'])})"
            peer = ratio = "–"
            if row["peer"]:
                peer, ratio = f"{row['llama']:.1f} ({spread(row['llama_all'])})", f"{row['ratio']:.2f}"
                peer += f" {row['peer'].split('.')[-2]}" if row["bits"] else ""
            cells = [file, row["test"], own, peer, ratio, str(row["bar"] or "–"), f"{100 * row['roof_fraction']:.0f} %"]
            print("|", " | ".join(cells), "|", flush=True)
        results.append({"rows": rows, "roof": roof})
    roof = results[-1]["roof"]
    print(
        f"\n{roof['threads']} threads, {roof['kernels']}; memory is read at {roof['read_gb_per_s']:.1f} GB/s, 8-bit "
        f"products run at {roof['int8_gmac_per_s']:.0f} GMAC/s, f32 at {roof['fma_gflop_per_s']:.0f} GFLOP/s."
    )
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
