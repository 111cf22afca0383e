#!/usr/bin/env python3
"""How the terminal interface feels, in figures: its start, its keys and its decode speed while a model answers.

    Benchmarks/interface.py [--pare .build/release/pare] [--model SmolLM2-135M-Instruct] [--rounds 3]

The program runs in a pseudo-terminal of 120 × 40. Measured in each round: the time from its start to a header that
names the model's layers (then a prompt is answered at once); the first token of a short prompt, as the session's
journal has it; the decode speed of long answers, each in a new session, over that of `pare bench` at the same depth,
taken just before and after each; the time from a key to its sign among the bytes for the screen, during another such
answer; the processor time of ten idle seconds.
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

DECODED = 256  # by `pare bench`; a long answer is stopped after about as many
ANSWERS = 5  # of a round: machines change their speed within seconds, so that many short comparisons say most
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
        self.is_asked = False

    def read(self, seconds):
        if select.select([self.descriptor], [], [], seconds)[0]:
            self.bytes += os.read(self.descriptor, 1 << 16)
        # Terminals that people use tell their background (OSC 11), for which the program waits a moment.
        if not self.is_asked and b"\x1b]11;?" in self.bytes:
            self.is_asked = True
            self.send("\x1b]11;rgb:0000/0000/0000\x1b\\")

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
    records = [json.loads(line) for file in home.rglob("*.jsonl") for line in file.read_text().splitlines()]
    answers = [record for record in records if record.get("statistics")]
    return [record["statistics"] for record in sorted(answers, key=lambda record: record["at"])]


def bench(pare, model, depth):
    return pare.json("bench", "-m", model, "-p", 0, "-n", DECODED, "-r", 1, "--depth", depth)["decode"]["tok_per_s"][0]


def answer(terminal, seconds, do):
    """Has a long answer written for some seconds, doing something again and again; the bytes that the screen took."""
    terminal.send("Write a very long story about the sea, of at least two thousand words.\r")
    terminal.wait("^C")
    begin, end = len(terminal.bytes), time.perf_counter() + seconds
    while time.perf_counter() < end:
        do()
    sent = len(terminal.bytes) - begin
    terminal.send("\x03")
    terminal.wait("Enter")
    return sent


def compare_with_bench(pare, options, terminal):
    """Takes turns with `pare bench`: its speeds, one more than there are answers, and the bytes that the screen took."""
    speeds, sent = [bench(pare, options.model, 64)], 0
    for _ in range(ANSWERS):
        terminal.send("/new\r")  # so that all answers are at the same depth
        sent += answer(terminal, DECODED / speeds[-1], lambda: terminal.read(0.05))
        speeds.append(bench(pare, options.model, 64))
    return speeds, sent


def press(terminal, delays):
    """Presses a key, notes the milliseconds until it shows, and waits as a hand does."""
    key, sent = random.choice(KEYS), time.perf_counter()
    terminal.send(key)
    delays.append(1000 * (terminal.wait(key) - sent))
    pause = time.perf_counter() + random.uniform(0.01, 0.05)
    while (left := pause - time.perf_counter()) > 0:
        terminal.read(left)


def measure(options):
    pare, figures = Pare(options.pare), {}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        environment = dict(os.environ, TERM="xterm-256color", PARE_MODELS=str(Path(pare.path(options.model)).parent))
        environment |= {f"XDG_{kind}_HOME": folder for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
        command = [str(options.pare), "-m", options.model, "--temp", "0"]
        terminal = Terminal(command, environment)
        figures["start, s"] = terminal.wait("attn ") - terminal.start
        terminal.send("Name a city.\r")
        terminal.wait("^C")
        terminal.wait("Enter")
        speeds, sent_bytes = compare_with_bench(pare, options, terminal)
        delays = []
        answer(terminal, 2 * DECODED / speeds[-1], lambda: press(terminal, delays))
        terminal.send("\x15")
        used, rest = terminal.processor_seconds(), time.perf_counter() + 10
        while (left := rest - time.perf_counter()) > 0:
            terminal.read(left)
        figures["idle processor, %"] = 10 * (terminal.processor_seconds() - used)
        terminal.quit()
        short, *long, _ = journal_statistics(home)
    decoded = [one["decode_tok_per_s"] for one in long]
    ratios = [2 * speed / sum(speeds[n : n + 2]) for n, speed in enumerate(decoded)]
    figures |= {
        "prompt tokens": short["prompt_tokens"], "first token, ms": 1000 * short["first_token_s"],
        "decode, tok/s": statistics.median(decoded), "decode ÷ bench": statistics.median(ratios),
        "decode ÷ bench, least": min(ratios), "keys": len(delays),
        "key, median ms": statistics.median(delays), "key, 99 % ms": sorted(delays)[int(0.99 * len(delays))],
        "key, longest ms": max(delays),
        "screen, bytes a token": sent_bytes / sum(one["answer_tokens"] for one in long),
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
