"""The part of the page on siting: ``python -m benchmarks --siting`` measures it alone and puts it in its place."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np

from benchmarks import siting
from benchmarks.report import ratio, table

HEAD = "## Siting: the same location problems as spopt"
NEXT = "## Targets"
AIM = 20.0  # times spopt
FIRST_S, PROVEN_S = 0.2, {"mclp": 2.0, "pmedian": 10.0}


def measured(python: Path | None, *, quick: bool = False) -> str:
    """Measure and return the part."""
    pairs = []
    for pair in siting.beside(python):
        sys.stderr.write(f"  {pair.model} {pair.size}\n")
        pairs.append(pair)
    most = 400 if quick else 1_600
    grown = {}
    for model in siting.GROWN:
        grown[model] = siting.largest_of_both(python, model, most_sites=most)
        sys.stderr.write(f"  largest {model}: {grown[model]}\n")
    cells, runs = siting.on_the_city()
    return part(pairs, grown, cells, runs)


def part(
    pairs: list[siting.Pair],
    grown: dict[siting.Model, list[tuple[str, str, float]]],
    cells: int,
    runs: list[siting.CityRun],
) -> str:
    """Return the part."""
    return f"""{HEAD}

Towns on a square, people in whole numbers, minutes in a straight line; every town is made so that everybody is within
reach of some site. spopt builds its programme with PuLP and has it solved by HiGHS in its own environment; both sides
count building and solving, to the proven optimum. *CPU* and *wall* as above; this solver's figures are medians of
{siting.REPEATS} runs.

{beside(pairs)}
### The largest town that each solves in a minute

Sites are doubled each time, ten rows of demand a site, ten sites to open (the fewest for LSCP), to a proven gap of
{siting.GAP:.1%}, building included. The series ends at 1,600 × 16,000.

{growth(grown)}
### The sample city

All {cells:,} cells and {siting.CANDIDATES:,} candidates at junctions near people, ten to open, medians of
{siting.REPEATS} runs. *First answer* is the first plan that is told, the gap with it is that of the bound known then.

{city(runs)}
{targets(pairs, runs)}
"""


def beside(pairs: list[siting.Pair]) -> str:
    """Return the table of both programs on the same problems."""
    head = ["model", "sites × demand", "p", "program", "build CPU s", "solve CPU s", "together wall s"]
    head += ["value", "ratio CPU", "ratio wall"]
    rows = []
    for pair in pairs:
        for name, side in (("this solver", pair.ours), ("spopt", pair.theirs)):
            told = [pair.model, pair.size, str(pair.count or "–"), name]
            if side is None:
                rows.append([*told, *["–"] * 4, "no answer", "no answer"])
                continue
            build, cost, ours = side.build, side.solve, pair.ours
            cpu = ratio(build.cpu + cost.cpu, ours.build.cpu + ours.solve.cpu)
            figures = [f"{build.cpu:.3g}", f"{cost.cpu:.3g}", f"{side.wall:.3g}", f"{side.value:,.2f}"]
            rows.append([*told, *figures, cpu, ratio(side.wall, ours.wall)])
    return table(head, rows)


def growth(grown: dict[siting.Model, list[tuple[str, str, float]]]) -> str:
    """Return the table of the largest towns."""
    rows = [[model, *row[:2], f"{row[2]:.3g}"] for model, found in grown.items() for row in found]
    return table(["model", "program", "largest town", "wall s"], rows)


def city(runs: list[siting.CityRun]) -> str:
    """Return the table of the sample city."""
    head = ["model", "minutes", "pairs", "first answer s", "gap then", "asked for", "proven after s", "gap proven"]
    rows = [
        [
            run.model, f"{run.minutes:g}", f"{run.pairs:,}", f"{run.first_s:.3g}", f"{run.first_gap:.2%}",
            f"{run.goal:.1%}", f"{run.proven_s:.3g}", f"{run.gap:.4%}",
        ]
        for run in runs
    ]  # fmt: skip
    return table(head, rows)


def targets(pairs: list[siting.Pair], runs: list[siting.CityRun]) -> str:
    """Return the table of targets, at the worst of each kind."""
    rows = []
    answered = [pair for pair in pairs if pair.theirs is not None]
    if answered:
        least = min(pair.theirs.wall / pair.ours.wall for pair in answered if pair.theirs is not None)
        same = all(np.isclose(pair.theirs.value, pair.ours.value, rtol=1e-6) for pair in answered if pair.theirs)
        rows.append(["spopt, build and solve, wall", f"{AIM:.0f}×", f"{least:.1f}×", verdict(least >= AIM)])
        rows.append(["the same optimum as spopt", "all", "all" if same else "not all", verdict(same)])
    for run in runs:
        what = f"{run.model}, {run.minutes:g} minutes"
        if run.model == "mclp":
            rows.append(
                [f"{what}: first answer", f"{FIRST_S} s", f"{run.first_s:.3g} s", verdict(run.first_s <= FIRST_S)]
            )
        most = PROVEN_S[run.model]
        good = run.proven_s <= most and run.gap <= run.goal
        rows.append([f"{what}: proven {run.goal:.1%}", f"{most:g} s", f"{run.proven_s:.3g} s", verdict(good)])
    return table(["target", "aim", "found (worst case)", ""], rows)


def verdict(good: bool) -> str:
    return "met" if good else "missed"


def put(page: Path, text: str) -> None:
    """Put the part into a page that is there, in the place of the old one or before the targets."""
    whole = page.read_text(encoding="utf-8")
    whole = re.sub(rf"{re.escape(HEAD)}.*?(?=^{NEXT})", "", whole, flags=re.S | re.M)
    if NEXT not in whole:
        sys.stderr.write(f"{page.name} has no {NEXT}\n")
        return
    page.write_text(whole.replace(f"{NEXT}\n", f"{text}\n{NEXT}\n", 1), encoding="utf-8")
