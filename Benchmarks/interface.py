#!/usr/bin/env python3
"""How the terminal interface feels, in figures: its start, its keys and its decode speed while a model answers.

    Benchmarks/interface.py [--pare .build/release/pare] [--model SmolLM2-135M-Instruct] [--rounds 3]

The program runs in a pseudo-terminal of 120 × 40. Measured in each round: the time from its start to a header that
names the model's layers (then a prompt is answered at once); the first token of a short prompt, as the session's
journal has it; the time from a key to its sign among the bytes for the screen, during an answer; the answer's decode
speed over that of `pare bench` at the same depth, taken just before and after; the processor time of ten idle seconds.
"""

import argparse
import fcntl
import json
import os
import pty
import random
import select
import signal
import statistics
import struct
import subprocess
import tempfile
import termios
import time
from pathlib import Path

from peers import Pare

DECODED = 512  # by `pare bench`; the long answer is stopped after about as many
# Signs that no answer in English has, so that each is the echo of a key.
KEYS = "§¶þðøÞØ¤"


class Terminal:
    """The program in a pseudo-terminal, and the bytes it sends."""

    def __init__(self, command, environment):
        self.start = time.perf_counter()
        self.process, self.descriptor = pty.fork()
        if self.process == 0:
            os.execvpe(command[0], command, environment)
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        os.kill(self.process, signal.SIGWINCH)
        self.bytes, self.searched = b"", 0

    def read(self, seconds):
        if select.select([self.descriptor], [], [], seconds)[0]:
            self.bytes += os.read(self.descriptor, 1 << 16)

    def send(self, text):
        os.write(self.descriptor, text.encode())

    def wait(self, text, seconds=120):
        """Reads until the text is sent for the screen, from where the last wait ended; the time then."""
        end, wanted = time.perf_counter() + seconds, text.encode()
        while (place := self.bytes.find(wanted, self.searched)) < 0:
            if time.perf_counter() > end:
                raise SystemExit(f"{text}: never shown")
            self.read(0.05)
        self.searched = place + len(wanted)
        return time.perf_counter()

    def processor_seconds(self):
        fields = Path(f"/proc/{self.process}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def quit(self):
        self.send("/quit\r")
        try:
            while True:
                self.read(1)
        except OSError:
            os.waitpid(self.process, 0)


def journal_statistics(home):
    """What journals say of each answer, in the order of answers."""
    lines = [line for file in sorted(home.rglob("*.jsonl")) for line in file.read_text().splitlines()]
    return [record["statistics"] for record in map(json.loads, lines) if record.get("statistics")]


def bench(pare, model, depth):
    return pare.json("bench", "-m", model, "-p", 0, "-n", DECODED, "-r", 1, "--depth", depth)["decode"]["tok_per_s"][0]


def measure(options):
    pare, figures = Pare(options.pare), {}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        environment = dict(os.environ, TERM="xterm-256color", PARE_MODELS=str(Path(pare.path(options.model)).parent))
        environment |= {f"XDG_{kind}_HOME": folder for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
        before = bench(pare, options.model, 64)
        command = [str(options.pare), "-m", options.model, "--temp", "0", "--session", "speed"]
        terminal = Terminal(command, environment)
        figures["start, s"] = terminal.wait("attn ") - terminal.start
        terminal.send("Name a city.\r")
        terminal.wait("^C")
        terminal.wait("Enter")
        terminal.send("Write a very long story about the sea, of at least two thousand words.\r")
        terminal.wait("^C")
        delays, begin = [], len(terminal.bytes)
        end = time.perf_counter() + DECODED / before
        while time.perf_counter() < end:
            key = random.choice(KEYS)
            sent = time.perf_counter()
            terminal.send(key)
            delays.append(1000 * (terminal.wait(key) - sent))
            pause = time.perf_counter() + random.uniform(0.01, 0.05)
            while (left := pause - time.perf_counter()) > 0:
                terminal.read(left)
        sent_bytes = len(terminal.bytes) - begin
        terminal.send("\x03")
        terminal.wait("stopped")
        terminal.send("\x15")
        used, rest = terminal.processor_seconds(), time.perf_counter() + 10
        while (left := rest - time.perf_counter()) > 0:
            terminal.read(left)
        figures["idle processor, %"] = 10 * (terminal.processor_seconds() - used)
        terminal.quit()
        after = bench(pare, options.model, 64)
        short, long = journal_statistics(home)[:2]
    figures |= {
        "prompt tokens": short["prompt_tokens"], "first token, ms": 1000 * short["first_token_s"],
        "answer tokens": long["answer_tokens"], "decode, tok/s": long["decode_tok_per_s"],
        "decode ÷ bench": 2 * long["decode_tok_per_s"] / (before + after), "keys": len(delays),
        "key, median ms": statistics.median(delays), "key, 99 % ms": sorted(delays)[int(0.99 * len(delays))],
        "key, longest ms": max(delays), "screen, bytes a token": sent_bytes / long["answer_tokens"],
    }
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pare", default=".build/release/pare", help="the program")
    parser.add_argument("--model", default="SmolLM2-135M-Instruct")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    rounds = [measure(options) for _ in range(options.rounds)]
    print("| | median | all |\n|---|---|---|")
    for name in rounds[0]:
        values = [figures[name] for figures in rounds]
        print(f"| {name} | {statistics.median(values):.3g} | {' '.join(f'{value:.3g}' for value in values)} |")


if __name__ == "__main__":
    main()
