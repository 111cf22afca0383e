"""The figures of the study, as SVG: a panel for each model, colours that the colour-blind tell apart, and markers."""

from statistics import median

import matplotlib

matplotlib.use("svg")

import matplotlib.pyplot as plt  # noqa: E402, after the choice of a back end
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter  # noqa: E402

from study_tables import KIND_NAMES, METHOD_NAMES, having, values  # noqa: E402

# Okabe and Ito's palette; each with a marker and a line of its own, so that mono prints do too.
STYLES = [
    {"color": "#0072B2", "marker": "o", "linestyle": "-"},
    {"color": "#D55E00", "marker": "s", "linestyle": "--"},
    {"color": "#009E73", "marker": "^", "linestyle": "-."},
    {"color": "#CC79A7", "marker": "D", "linestyle": ":"},
    {"color": "#000000", "marker": "v", "linestyle": (0, (5, 1, 1, 1, 1, 1))},
    {"color": "#E69F00", "marker": "P", "linestyle": (0, (3, 1))},
    {"color": "#56B4E9", "marker": "X", "linestyle": (0, (1, 1))},
]
plt.rcParams.update({
    "svg.fonttype": "none", "svg.hashsalt": "study", "font.family": "sans-serif", "font.size": 8, "axes.titlesize": 8,
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.color": "#dddddd",
    "grid.linewidth": 0.5, "lines.linewidth": 1.3, "lines.markersize": 4.5, "legend.frameon": False,
    "axes.axisbelow": True, "lines.markeredgecolor": "white", "lines.markeredgewidth": 0.4, "legend.handlelength": 3,
})
WIDTH = 7.4  # inches


class Figure:
    """A grid of panels, a column for each model, with one legend above all."""

    def __init__(self, results, name, rows=1, height=2.5, shared=True):
        self.name = name
        self.figure, axes = plt.subplots(
            rows, len(results), figsize=(WIDTH, rows * height), squeeze=False, sharey="row" if shared else False,
            layout="constrained")
        for column, model in enumerate(results):
            axes[0][column].set_title(model, pad=6)
        self.axes = axes

    def columns(self, results):
        return zip(results.values(), self.axes.T)

    def save(self, folder, x, ys, log=(), columns=5):
        for axis in self.axes[-1]:
            axis.set_xlabel(x)
        for row, (y, axes) in enumerate(zip(ys, self.axes)):
            axes[0].set_ylabel(y)
            if row in log:
                for axis in axes:
                    axis.set_yscale("log")
                    plain(axis.yaxis)
        entries = {}
        for axis in self.axes.flat:
            entries.update({label: handle for handle, label in zip(*axis.get_legend_handles_labels())})
        self.figure.legend(entries.values(), entries.keys(), loc="outside upper center", ncols=columns)
        self.figure.savefig(folder / f"{self.name}.svg", metadata={"Date": None, "Creator": None})
        plt.close(self.figure)


def plain(axis):
    """Ticks of a logarithmic axis as plain numbers: 0.1, 1, 10, and between them where there is little else."""
    low, high = axis.get_view_interval()
    subs = (1,) if high / low > 200 else (1, 3) if high / low > 20 else (1, 2, 5)
    axis.set_major_locator(LogLocator(subs=subs))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 1000 else f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def lines(axis, rows, x, y, label, style):
    rows = sorted(rows, key=lambda row: row[x])
    axis.plot([row[x] for row in rows], [row[y] for row in rows], label=label, **STYLES[style])
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))


def kinds(results, folder):
    figure = Figure(results, "kinds", rows=2, height=2.1)
    for parts, axes in figure.columns(results):
        base = parts["baseline"]["perplexity"]
        for style, (kind, name) in enumerate(KIND_NAMES.items()):
            rows = [row | {"growth": row["perplexity"] / base} for row in parts["kinds"] if row["kind"] == kind]
            lines(axes[0], rows, "drops", "kl_mean", f"{name} dropped", style)
            lines(axes[1], rows, "drops", "growth", f"{name} dropped", style)
    figure.save(
        folder, "sublayers, or blocks, dropped", ["KL to the baseline (nats/token)", "perplexity ÷ baseline's"],
        log=(0, 1))


def methods(results, folder):
    figure = Figure(results, "methods", height=2.7, shared=False)
    found = {row["method"] for parts in results.values() for row in parts["methods"]} - {"similarity"}
    shown = {method: name for method, name in METHOD_NAMES.items() if method in found}
    for parts, axes in figure.columns(results):
        judged = [row for row in parts["methods"] if row["text"] == parts["methods"][0]["text"]]
        paper = {row["drops"]: row["kl_mean"] for row in judged if row["method"] == "ranked"}
        for style, (method, name) in enumerate(shown.items()):
            rows = [row | {"share": row["kl_mean"] / paper[row["drops"]]} for row in judged if row["method"] == method]
            lines(axes[0], rows, "drops", "share", name, style)
    figure.save(folder, "attention sublayers dropped", ["KL ÷ that of similarity, one-shot"], columns=3)


def stability(results, folder):
    figure = Figure(results, "stability", rows=2, height=2.0)
    for parts, axes in figure.columns(results):
        for axis, by in zip(axes, ("similarity", "kl")):
            rows = [
                row for row in parts["stability"]
                if row["by"] == by and row["kind"] == "attention" and not row["reference"]]
            for style, text in enumerate(values(parts["stability"], "text")):
                sampled = [row for row in rows if row["text"] == text]
                lines(axis, sampled, "tokens", "rank_correlation", text, style)
            axis.set_xscale("log", base=2)
            axis.set_xticks([64, 256, 1024], ["64", "256", "1024"])
            axis.set_xlim(50, 1300)
            axis.minorticks_off()
    for axes in figure.axes:
        axes[0].set_ylim(axes[0].get_ylim()[0], 1.02)
    figure.save(folder, "tokens of the sample", ["similarity: Spearman's ρ", "damage: Spearman's ρ"])


def layers(results, folder):
    figure = Figure(results, "layers", rows=2, height=2.1)
    for parts, axes in figure.columns(results):
        for style, (kind, name) in enumerate(KIND_NAMES.items()):
            rows = [row | {"importance": 1 - row["similarity"]} for row in parts["ranking"][kind]]
            lines(axes[0], rows, "layer", "importance", name, style)
            lines(axes[1], rows, "layer", "kl", name, style)
    figure.save(folder, "layer", ["importance (1 − similarity)", "damage: KL (nats/token)"], log=(0, 1))


def agreement(results, folder):
    figure = Figure(results, "agreement", height=2.7)
    for parts, axes in figure.columns(results):
        axis = axes[0]
        for style, kind in zip(STYLES, ("attention", "mlp")):
            rows = parts["ranking"][kind]
            points = [(1 - row["similarity"], row["kl"]) for row in rows]
            axis.plot(*zip(*points), label=KIND_NAMES[kind], **style | {"linestyle": "none"})
            usual = median(kl for _, kl in points)
            for layer in [layer for layer, (_, kl) in enumerate(points) if kl > 4 * usual or layer == len(points) - 1]:
                axis.annotate(
                    str(layer), points[layer], xytext=(4, 3), textcoords="offset points", fontsize=7,
                    color=style["color"])
        axis.set_xscale("log")
        plain(axis.xaxis)
    figure.save(folder, "importance (1 − similarity)", ["damage: KL (nats/token)"], log=(0,))


def bits(results, folder):
    figure = Figure(results, "bits", height=2.5)
    for parts, axes in figure.columns(results):
        for style, width in enumerate(values(parts["bits"], "bits")):
            rows = [row for row in parts["bits"] if row["bits"] == width]
            lines(axes[0], rows, "drops", "perplexity", "as shipped" if width == "native" else f"{width} bits", style)
    figure.save(folder, "attention sublayers dropped", ["perplexity"], log=(0,))


def kv(results, folder):
    figure = Figure(results, "kv", height=2.3, shared=False)
    for parts, axes in figure.columns(results):
        for style, width in enumerate(values(parts["kv"], "kv_bits")):
            rows = [row | {"size": 2048 * row["kv_bytes_per_token"] / 2**20}
                    for row in parts["kv"] if row["kv_bits"] == width]
            lines(axes[0], rows, "drops", "size", f"KV cache in {width} bits", style)
        axes[0].set_ylim(bottom=0)
    figure.save(folder, "attention sublayers dropped", ["MiB at 2048 tokens"])


def speed(results, folder):
    figure = Figure(results, "speed", height=2.3)
    for parts, axes in figure.columns(results):
        for style, depth in enumerate(values(parts["speed"], "depth")):
            rows = [row | {"promised": 1 / row["bytes_share"]} for row in parts["speed"] if row["depth"] == depth]
            lines(axes[0], rows, "drops", "speed_up", f"measured, {depth} tokens before", 2 * style)
            lines(axes[0], rows, "drops", "promised", f"promised by the bytes, {depth} tokens before", 2 * style + 1)
    figure.save(folder, "attention sublayers dropped", ["decode speed ÷ baseline's"], columns=2)


FIGURES = {
    kinds: "kinds", methods: "methods", stability: "stability", layers: "ranking", agreement: "ranking", bits: "bits",
    kv: "kv", speed: "speed"}


def draw(results, folder):
    for figure, part in FIGURES.items():
        if measured := having(part, results):
            figure(measured, folder)
