"""Writing the page: ratios first, seconds after, and how to repeat it."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.cases import ELEMENTS, Case
from benchmarks.ours import Cost


@dataclass(frozen=True)
class Row:
    """A program on a case: its cost, the kernel's on the same, and how many labels differ (-1: no answer).

    ``beyond`` of them are not even right for a limit one second shorter or longer.
    """

    case: str
    limit_min: int
    program: str
    prepare: Cost
    query: Cost
    base: Cost
    wrong: int
    beyond: int | None = None


@dataclass(frozen=True)
class Size:
    """The kernel on a network of some size; ``nearest`` has a cost for each limit."""

    nodes: int
    edges: int
    prepare: Cost
    nearest: list[Cost]
    reached: Cost
    bytes_per_node: float


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def ratio(slow: float, fast: float) -> str:
    if not np.isfinite(slow):
        return "no answer"
    return f"**{slow / fast:,.0f}×**" if slow / fast >= 10 else f"**{slow / fast:.1f}×**"


def comparison(rows: list[Row]) -> str:
    """Return the table of programs beside the kernel."""
    head = [
        "network",
        "minutes",
        "program",
        "query CPU s",
        "query wall s",
        "preparation s",
        "ratio CPU",
        "ratio wall",
        "labels that differ",
    ]
    body = [
        [
            row.case, str(row.limit_min), row.program, f"{row.query.cpu:.3g}", f"{row.query.wall:.3g}",
            f"{row.prepare.cpu:.3g}", ratio(row.query.cpu, row.base.cpu), ratio(row.query.wall, row.base.wall),
            differing(row),
        ]
        for row in rows
    ]  # fmt: skip
    return table(head, body)


def differing(row: Row) -> str:
    """Say how many labels differ."""
    if row.wrong < 0:
        return "no answer"
    return f"{row.wrong:,}" + ("" if row.beyond is None else f" (beyond ± 1 s: {row.beyond:,})")


def growth(sizes: list[Size]) -> str:
    """Return the table of growing networks."""
    head = [
        "nodes",
        "edges",
        "prepare CPU s",
        "nearest 15 min, µs a node",
        "nearest 60 min, µs a node",
        "reached 15 min, µs a node",
        "bytes a node",
    ]
    body = [
        [
            f"{size.nodes:,}", f"{size.edges:,}", f"{size.prepare.cpu:.2f}",
            *(f"{cost.cpu / size.nodes * 1e6:.2f}" for cost in size.nearest),
            f"{size.reached.cpu / size.nodes * 1e6:.1f}", f"{size.bytes_per_node:.0f}",
        ]
        for size in sizes
    ]  # fmt: skip
    return table(head, body)


def targets(nearest: list[Row], reached: list[Row], runs: list[dict[str, float]]) -> str:
    """Return the table of what was aimed at and what was found, the worst case of each, by processor time."""
    aims = [(nearest, "SciPy", 12), (nearest, "pandana", 150), (reached, "pandana", 200), (reached, "cityseer", 200)]
    lines = []
    for rows, program, aim in aims:
        found = [r.query.cpu / r.base.cpu for r in rows if r.program == program and np.isfinite(r.query.cpu)]
        if found:
            what = "nearest" if rows is nearest else "reached"
            lines.append(
                [f"{what}, {program}", f"{aim}×", f"{min(found):.1f}×", "met" if min(found) >= aim else "missed"]
            )
    best = min(run["load"] + run["matrix"] for run in runs)
    lines.append(["cold store to matrix", "5 s", f"{best:.1f} s of waiting", "met" if best < 5 else "missed"])
    return table(["target", "aim", "found (worst case)", ""], lines)


def machine() -> str:
    """Describe the machine in general terms."""
    flags = Path("/proc/cpuinfo").read_text(encoding="ascii") if Path("/proc/cpuinfo").exists() else ""
    vectors = "AVX-512" if "avx512f" in flags else "AVX2" if "avx2" in flags else "vectors unknown"
    return f"{os.cpu_count()} cores ({platform.machine()}, {vectors}), no GPU, Python {platform.python_version()}"


def page(
    cases: list[Case], nearest: list[Row], reached: list[Row], sizes: list[Size], runs: list[dict[str, float]]
) -> str:
    """Return the whole page."""
    best = min(runs, key=lambda run: run["load"] + run["matrix"])
    middle = sorted(run["load"] + run["matrix"] for run in runs)[len(runs) // 2]
    what = "; ".join(f"{case.name}: {case.count:,} nodes, {case.ends.shape[1]:,} edges" for case in cases)
    return f"""# Benchmarks

Written by `python -m benchmarks` (`make bench`); do not edit. Measured on {machine()}, shared with other work: read
the ratios, not the seconds. SciPy and the kernel ran in turns in one process and the medians are given; the peers ran
directly after, in an environment of their own, on the same arrays. *CPU* adds up all threads, *wall* is waiting; the
kernel uses all cores, the peers as many as they do by default (networkit one). *Ratio* is the peer's query over the
kernel's, preparation not counted on either side. Every answer is compared label by label: nearest times differ when
they are more than 0.1 s apart from SciPy's, counts when they are not equal.

Networks, largest island each: {what}. On them stand {ELEMENTS} elements of 20 to 5,000 facilities (fewer where the
network is small) and people, mostly near the middle. Lengths are whole decimetres, never less than the straight line,
and no two nodes share a position (the two sides of a closed gate are moved a decimetre apart): pandana finds the node
of a facility by its coordinates and would take the wrong side of the gate, cityseer measures edges by their lines.

## Nearest minutes: every node × {ELEMENTS} elements

{comparison(nearest)}
## Reached counts: facilities of {ELEMENTS} elements, and people, within 15 minutes of every node

cityseer answers for the facilities only; it and pandana would take many minutes on the whole sample city, so its dense
middle is used. The kernel's sums are compared with SciPy at 200 nodes, the peers' with the kernel's at all nodes.
cityseer adds up the lengths of drawn lines and ties facilities to streets, not to nodes, so that one very near the
limit may fall on either side: *beyond ± 1 s* counts the answers that do not lie between the kernel's for a limit one
second shorter and one second longer.

{comparison(reached)}
## Growth: synthetic streets

Cost a node must not grow with the network. *Bytes a node* is what one batch of sixteen elements reads and what its call
takes at the peak (labels, queues); the prepared star keeps 13 bytes an arc more, for drawing the way back.

{growth(sizes)}
## From a cold store to the matrix

{best["elements"]:.0f} elements × {best["walkers"]:.0f} walkers of the sample city ({best["cells"]:,.0f} cells,
{best["facilities"]:,.0f} facilities, {best["nodes"]:,.0f} nodes), limit 60 minutes, in {len(runs)} fresh processes:
reading the store and assembling the city {best["load"]:.2f} s, all minutes {best["matrix"]:.2f} s, together
**{best["load"] + best["matrix"]:.2f} s** at best and {middle:.2f} s in the middle ({best["cpu"]:.2f} s of processor
time at best).

## Targets

{targets(nearest, reached, runs)}
## How to repeat

`make bench` makes `.bench-venv` with the peers on first use and takes some minutes; `python -m benchmarks --quick` is
shorter, `--no-peers` leaves the peers out. The real extract is measured where it lies beside the repository.
"""
