"""The tables of the study, in Markdown, put in their places in its document."""

import re

import numpy as np

from study_runs import KINDS, rank_correlation

KIND_NAMES = {"attention": "attention", "mlp": "MLP", "block": "block"}
METHOD_NAMES = {
    "ranked": "similarity, one-shot", "rescored": "similarity, iterative", "similarity": "similarity, short passages",
    "damage": "damage, one-shot", "mixed": "damage, one-shot, all texts", "greedy": "damage, iterative (greedy)",
    "exchange": "damage, with exchanges"}


def table(head, rows):
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in (head, *rows)]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]])


def spans(layers):
    """[5, 6, 7, 9] → 5–7, 9."""
    parts = []
    for layer in sorted(layers):
        if parts and parts[-1][1] == layer - 1:
            parts[-1][1] = layer
        else:
            parts.append([layer, layer])
    return ", ".join(f"{first}" if first == last else f"{first}–{last}" for first, last in parts)


def one(rows, **wanted):
    """The row with these values, or None."""
    return next((row for row in rows if all(row[name] == value for name, value in wanted.items())), None)


def values(rows, name):
    """The distinct values, in the order of their first appearance."""
    return list(dict.fromkeys(row[name] for row in rows))


def damage(row):
    if not row:
        return "–"
    perplexity = row["perplexity"]
    return f"{row['kl_mean']:.2f} ({perplexity:,.{0 if perplexity >= 1000 else 1}f})"


def kinds(results):
    rows = []
    for model, parts in results.items():
        base = f"{parts['baseline']['perplexity']:.1f}"
        rows += [
            [f"{model} ({base})", count,
             *(damage(one(parts["kinds"], kind=kind, drops=count)) for kind in KINDS)]
            for count in values(parts["kinds"], "drops")]
    return table(["model (its perplexity)", "dropped", *(f"{name}: KL (perplexity)" for name in KIND_NAMES.values())],
                 rows)


def methods(results):
    counts = sorted({row["drops"] for parts in results.values() for row in parts["methods"]})
    rows = []
    for model, parts in results.items():
        text = parts["methods"][0]["text"]
        for method, name in METHOD_NAMES.items():
            found = [one(parts["methods"], method=method, drops=count, text=text) for count in counts]
            if any(found):
                rows.append([model, name, *(f"{row['kl_mean']:.3f}" if row else "–" for row in found)])
    return table(["model", "chosen by", *(f"{count} dropped" for count in counts)], rows)


def search(results):
    """What the methods are worth beside the paper's choice, on each text that they are judged on."""
    rows = []
    texts = values([row for parts in results.values() for row in parts["methods"]], "text")
    for model, parts in results.items():
        for count in (8, 15):
            paper = {text: one(parts["methods"], method="ranked", drops=count, text=text) for text in texts}
            for method, name in METHOD_NAMES.items():
                found = [one(parts["methods"], method=method, drops=count, text=text) for text in texts]
                if not all(found) or not all(paper.values()):
                    continue
                cells = [
                    cell for row in found
                    for cell in (damage(row), f"{row['kl_mean'] / paper[row['text']]['kl_mean']:.2f}")]
                rows.append([model, count, name, *cells, spans(found[0]["layers"])])
    head = [cell for text in texts for cell in (f"{text}: KL (perplexity)", "share")]
    return table(["model", "dropped", "chosen by", *head, "layers"], rows)


def stability(results):
    rows = []
    for model, parts in results.items():
        for by, name in (("similarity", "similarity"), ("kl", "damage")):
            found = [row for row in parts["stability"] if row["by"] == by]
            reference = next(row for row in found if row["reference"])
            for text, tokens in dict.fromkeys((row["text"], row["tokens"]) for row in found):
                agreed = [one(found, text=text, tokens=tokens, kind=kind) for kind in KINDS]
                if not agreed[0]["reference"]:
                    rows.append([
                        model, f"{name}, against {reference['tokens']} tokens of {reference['text']}",
                        f"{tokens} of {text}",
                        *(f"{row['rank_correlation']:.2f} ({row['same_of_8']})" for row in agreed)])
    return table(["model", "ranking", "sample", *(f"{name}: ρ (same of 8)" for name in KIND_NAMES.values())], rows)


def ends(results):
    rows = []
    for model, parts in results.items():
        for kind, name in KIND_NAMES.items():
            kl = [row["kl"] for row in parts["ranking"][kind]]
            rows.append([
                model, name, *(f"{value:.3f}" for value in (kl[0], kl[1], np.median(kl[2:-2]), kl[-2], kl[-1]))])
    return table(["model", "dropped", "first", "second", "median of the middle", "last but one", "last"], rows)


def agreement(results):
    rows = []
    for model, parts in results.items():
        for kind, name in KIND_NAMES.items():
            ranking = parts["ranking"][kind]
            importance, kl = [1 - row["similarity"] for row in ranking], [row["kl"] for row in ranking]
            picked, best = (set(np.argsort(scores)[:8].tolist()) for scores in (importance, kl))
            rows.append([
                model, name, f"{rank_correlation(importance, kl):.2f}",
                f"{rank_correlation(importance[2:-2], kl[2:-2]):.2f}", len(picked & best)])
    return table(
        ["model", "sublayer", "Spearman's ρ", "without two layers at each end", "of the 8 most similar, among the 8 "
         "least damaging"], rows)


def bits(results):
    rows = []
    for model, parts in results.items():
        for width in values(parts["bits"], "bits"):
            found = [row for row in parts["bits"] if row["bits"] == width]
            growth = [row["perplexity"] / found[0]["perplexity"] for row in found]
            rows.append([
                model, width, f"{found[0]['bits_per_weight']:.2f}", *map(damage, found),
                *(f"{100 * (factor - 1):+.0f} %" for factor in growth[1:])])
    counts = values(next(iter(results.values()))["bits"], "drops")
    return table(
        ["model", "bits", "b/w", *(f"{count} dropped: KL (perplexity)" for count in counts),
         *(f"perplexity by {count} drops" for count in counts[1:])], rows)


def kv(results):
    rows = []
    for model, parts in results.items():
        whole = parts["kv"][0]["kv_bytes_per_token"]
        for row in parts["kv"]:
            size = row["kv_bytes_per_token"]
            rows.append([
                model, row["kv_bits"], row["drops"], f"{size / 1024:.1f}", f"{2048 * size / 2**20:.1f}",
                f"{100 * size / whole:.0f} %", f"{row['kl_mean']:.4f}"])
    return table(["model", "KV bits", "attention dropped", "KiB a token", "MiB at 2048 tokens", "share", "KL"], rows)


def speed(results):
    rows = [
        [model, row["depth"], row["drops"], f"{row['tok_per_s']:.1f}", f"{row['speed_up']:.2f}",
         f"{1 / row['bytes_share']:.2f}"]
        for model, parts in results.items() for row in parts["speed"]]
    return table(
        ["model", "tokens before", "attention dropped", "tok/s", "speed-up", "promised by the bytes"], rows)


# By its name in the document: the part of the results that it shows.
TABLES = {
    kinds: "kinds", methods: "methods", search: "methods", stability: "stability", ends: "ranking",
    agreement: "ranking", bits: "bits", kv: "kv", speed: "speed"}


def having(part, results):
    """The models of which this part was measured."""
    return {model: parts for model, parts in results.items() if part in parts}


def renew(results, document):
    """Replaces what stands between <!-- NAME --> and <!-- end --> by the table of that name."""
    text = document.read_text()
    for tabulate, part in TABLES.items():
        if measured := having(part, results):
            content = tabulate(measured)
            text = re.sub(
                rf"(<!-- {tabulate.__name__} -->\n).*?(<!-- end -->)",
                lambda match: f"{match[1]}\n{content}\n\n{match[2]}", text, flags=re.DOTALL)
    document.write_text(text)
