#!/usr/bin/env python3
"""Peak memory and time of a start: packing, with packed weights kept on the disk, and another binary beside them.

    Benchmarks/start.py --pare .build/release/pare [--base OTHER/pare] [--rounds 10] [--cold] [MODEL …]

Each round starts every way once, in turns: another binary (`base`), packing (`packed`, --weight-cache 0), and mapping what
an earlier start kept (`kept`). A start is `pare bench -p 16 -n 8 -r 1`; load is what it reports, until weights, cache and
workspace are there; peak is the maximum resident set of the process, mapped files and libraries included, over loading,
reading and decoding; wall is the whole process. The table has medians and, of load, least and most. With --cold the
model's file and what was kept of it are put out of the page cache before every start.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--pare", default=".build/release/pare")
parser.add_argument("--base")
parser.add_argument("--rounds", type=int, default=10)
parser.add_argument("--cold", action="store_true")
parser.add_argument("models", nargs="*", default=["SmolLM2-135M-Instruct", "gemma-3-270m", "Qwen2.5-Coder-1.5B-Instruct"])
options = parser.parse_args()

cache = tempfile.TemporaryDirectory()
environment = dict(os.environ, XDG_CACHE_HOME=cache.name)


def start(program, model, *arguments):
    """Report of `pare bench`, peak bytes and wall seconds."""
    with tempfile.TemporaryFile() as output:
        begin = time.monotonic()
        process = subprocess.Popen(
            [program, "bench", "--json", "-m", model, "-p", "16", "-n", "8", "-r", "1", *arguments],
            stdout=output, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SystemExit(f"{program} failed")
        output.seek(0)
        return json.load(output)["load_s"], usage.ru_maxrss * 1024, wall


def evict(path):
    descriptor = os.open(path, os.O_RDONLY)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


known = json.loads(subprocess.run([options.pare, "models", "--json"], capture_output=True, check=True).stdout)
ways = {"packed": (options.pare, ["--weight-cache", "0"]), "kept": (options.pare, [])}
if options.base:
    ways = {"base": (options.base, [])} | ways
print("| model | start | load, s | of base | peak, MB | × file | wall, s |\n|---|---|---|---|---|---|---|")
for name in options.models:
    path = next(model["path"] for model in known["models"] if model["name"].lower() == name.lower())
    size = os.path.getsize(path)
    start(options.pare, name)  # keeps the weights
    os.sync()
    figures = {way: [] for way in ways}
    for _ in range(options.rounds):
        for way, (program, arguments) in ways.items():
            if options.cold:
                for file in [path, *pathlib.Path(cache.name).rglob("*.weights")]:
                    evict(file)
            figures[way].append(start(program, name, *arguments))
    first = None
    for way, results in figures.items():
        loads, peaks, walls = zip(*results)
        load, peak = statistics.median(loads), statistics.median(peaks)
        first = first or load
        print(
            f"| {name} | {way} | {load:.3f} ({min(loads):.3f}–{max(loads):.3f}) | {first / load:.2f}× "
            f"| {peak / 1e6:.0f} | {peak / size:.2f} | {statistics.median(walls):.2f} |", flush=True)
