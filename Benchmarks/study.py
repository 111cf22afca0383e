#!/usr/bin/env python3
"""The findings of "What Matters in Transformers? Not All Attention Is Needed" (arXiv 2406.15786) on small models.

    Benchmarks/study.py [--text NAME=FILE …] [--model NAME …] [--speed] [--pare PROGRAM] [--output FOLDER]

Measures redundancy by Pare's own commands (study_runs.py), writes the figures and their data to docs/study, and renews
the tables in docs/study.md. Every result is kept under .cache/study: a stopped study goes on where it was, and what is
there is not measured again. Plans are chosen on the first half of the first text and judged on its second half, and on
that of the second text. Without --text these are the built-in text and source code of this repository; a text given
goes before them. --speed also measures decode speed, which takes a quiet machine.
"""

import argparse
import json
from pathlib import Path

import study_figures
import study_tables
from study_runs import MODELS, KeptPare, Study

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache/study"


def texts(given):
    """The halves of each text as files: [(name, file to choose on, file to judge on)]."""
    whole = [(name, Path(file).read_text()) for name, file in (text.split("=", 1) for text in given)]
    sources = sorted((ROOT / "Sources/GGUF").glob("*.swift"))
    whole += [
        ("code", "\n".join(source.read_text() for source in sources)),
        ("built-in", (ROOT / "Sources/Inference/Preparation/calibration.txt").read_text())]
    if not given:
        whole.reverse()
    CACHE.mkdir(parents=True, exist_ok=True)
    halves = []
    for name, text in whole:
        cut = text.rfind("\n", 0, len(text) // 2) + 1
        files = [CACHE / f"{name}-{use}.txt" for use in ("chosen", "judged")]
        for file, half in zip(files, (text[:cut], text[cut:])):
            file.write_text(half)
        halves.append((name, *files))
    return halves


def main():
    parser = argparse.ArgumentParser(description="Try the paper's findings on small models.")
    parser.add_argument("--text", action="append", default=[], help="NAME=FILE, plain text, 10,000 words or more")
    parser.add_argument("--model", action="append", choices=list(MODELS), help="default: all three")
    parser.add_argument("--speed", action="store_true", help="measure decode speed too")
    parser.add_argument("--pare", default=ROOT / ".build/release/pare")
    parser.add_argument("--threads", type=int, help="default: one for each physical core")
    parser.add_argument("--output", type=Path, default=ROOT / "docs")
    options = parser.parse_args()

    folder = options.output / "study"
    data = folder / "results.json"
    folder.mkdir(parents=True, exist_ok=True)
    pare = KeptPare(options.pare, CACHE, options.threads)
    halves = texts(options.text)
    results = json.loads(data.read_text()) if data.exists() else {}
    for model in options.model or MODELS:
        results[model] = results.get(model, {}) | Study(pare, model, halves).run(options.speed)
    results = {model: results[model] for model in MODELS if model in results}
    data.write_text(json.dumps(results, separators=(",", ":")) + "\n")
    study_figures.draw(results, folder)
    study_tables.renew(results, options.output / "study.md")


if __name__ == "__main__":
    main()
