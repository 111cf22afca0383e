#!/usr/bin/env python3
"""How fast attention reads keys and values in a long context, beside how fast memory can be read.

    Benchmarks/attention.py [--pare .build/release/pare] [--model SmolLM2-135M-Instruct] [--depth 4096] [--rounds 5]

Each round measures the roof, then decodes after `depth` tokens under `perf record`: the share of the threads' samples
that fall into the attention kernel, times the time of a token, is how long it reads the keys and values of a token.
Waiting for other threads does not count. Needs Linux's perf, and leave to use it.
"""

import argparse
import re
import statistics
import subprocess
import tempfile
from pathlib import Path

from peers import Pare

TOKENS = 300


def samples(file):
    """Seconds and function of each sample."""
    command = ["perf", "script", "-i", str(file), "-F", "time,ip,sym"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [(float(time), name) for time, name in re.findall(r"(\d+\.\d+): +[0-9a-f]+ (\S+)", text)]


def bench(options, *arguments, record=()):
    return Pare(options.pare, record).json("bench", "-m", options.model, "-r", 1, "-p", 0, *arguments)


def measure(options):
    short = bench(options, "-n", 1, "--roof")
    roof = short["roof"]["read_gb_per_s"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "perf.data"
        arguments = ["-c", options.depth + TOKENS + 32, "-n", TOKENS, "--depth", options.depth]
        record = ["perf", "record", "-q", "-e", "cpu-clock", "-F", "2000", "-o", str(file)]
        report = bench(options, *arguments, record=record)
        rate = report["decode"]["tok_per_s"][0]
        taken = samples(file)
    # The end of the run is decoding, but for what the program does to end.
    end = taken[-1][0] - 0.25 * TOKENS / rate
    decoding = [name for time, name in taken if end - 0.65 * TOKENS / rate < time < end]
    share = decoding.count("attend") / len(decoding)
    read = report["bytes_per_token"] - short["bytes_per_token"]
    return rate, share, read * rate / share / 1e9, roof


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pare", default=".build/release/pare", help="the program")
    parser.add_argument("--model", default="SmolLM2-135M-Instruct")
    parser.add_argument("--depth", type=int, default=4096)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print("| decode, tok/s | in attention | keys and values, GB/s | memory, GB/s | of the roof |\n|---|---|---|---|---|")
    fractions = []
    for _ in range(options.rounds):
        rate, share, speed, roof = measure(options)
        fractions.append(speed / roof)
        cells = [f"{rate:.1f}", f"{100 * share:.0f} %", f"{speed:.1f}", f"{roof:.1f}", f"{100 * speed / roof:.0f} %"]
        print("|", " | ".join(cells), "|", flush=True)
    print(f"\nmedian {100 * statistics.median(fractions):.0f} % of the roof")


if __name__ == "__main__":
    main()
