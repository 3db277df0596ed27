"""``python -m benchmarks [--quick]``: measure everything and write ``docs/benchmarks.md``."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks import chain, live, ours, outside, report, siting_page
from benchmarks.cases import SPEED_M_S, Case, middle_of, real_extract, sample_city, synthetic
from benchmarks.ours import Cost
from layers.compiled import compile_kernels

LIMITS_MIN = (15, 60)
TENTH_S = 0.1
BESIDE_S = 0.04  # lengths are whole decimetres, 0.083 s: no way ends exactly on the limit


def say(text: str) -> None:
    sys.stderr.write(text + "\n")


def differing(found: np.ndarray, expected: np.ndarray, limit_s: float) -> int:
    """Count labels that differ by more than 0.1 s; within 0.1 s of the limit both verdicts are right."""
    clear = np.abs(np.where(np.isfinite(expected), expected, found) - limit_s) > TENTH_S
    verdict = np.isfinite(found) != np.isfinite(expected)
    with np.errstate(invalid="ignore"):
        apart = np.abs(found - expected) > TENTH_S
    return int(((verdict & clear) | (apart & ~verdict)).sum())


def nearest_rows(case: Case, python: Path | None, *, repeats: int) -> list[report.Row]:
    """Measure nearest times: SciPy and the kernel in turns, then the peers."""
    rows = []
    this = ours.ready(case)
    for limit_min in LIMITS_MIN:
        limit_s = limit_min * 60.0 + BESIDE_S
        search = ours.scipy_nearest(case, limit_s)
        ours.nearest(this, limit_s)
        mine, theirs = [], []
        for _ in range(repeats):
            found, cost = ours.timed(partial(ours.nearest, this, limit_s))
            mine.append(cost)
            expected, cost = ours.timed(search)
            theirs.append(cost)
        wrong = differing(ours.nearest_seconds(this, found, limit_s), expected, limit_s)
        base = ours.median(mine)
        rows.append(report.Row(case.name, limit_min, "this kernel", this.cost, base, base, wrong))
        rows.append(report.Row(case.name, limit_min, "SciPy", Cost(0, 0), ours.median(theirs), base, 0))
        if python is None or limit_min != LIMITS_MIN[0]:
            continue
        for job in ("networkit_nearest", "pandana_nearest"):
            say(f"  {job} …")
            answer = outside.ask(python, job, case, limit_m=limit_s * SPEED_M_S, timeout_s=900)
            wrong = -1 if answer.result is None else differing(answer.result / SPEED_M_S, expected, limit_s)
            rows.append(report.Row(case.name, limit_min, job.split("_")[0], answer.prepare, answer.query, base, wrong))
    return rows


def reached_rows(case: Case, python: Path | None, *, repeats: int) -> list[report.Row]:
    """Measure what is reached from every node: facilities by element, and people."""
    limit_min = LIMITS_MIN[0]
    this, limit_s = ours.ready(case), limit_min * 60.0 + BESIDE_S
    runs = [ours.timed(partial(ours.reached, this, limit_s)) for _ in range(repeats + 1)][1:]
    base, sums = ours.median([cost for _, cost in runs]), runs[-1][0][this.star.rank]
    least, most = (ours.reached(this, limit_s + change)[this.star.rank] for change in (-1.0, 1.0))
    rng = np.random.default_rng(1)
    probes = rng.choice(case.count, min(200, case.count), replace=False)
    wrong = int((sums[probes] != ours.scipy_reached(case, probes, limit_s)).sum())
    rows = [report.Row(case.name, limit_min, "this kernel", this.cost, base, base, wrong)]
    for job in ("pandana_reached", "cityseer_reached"):
        if python is not None:
            say(f"  {job} …")
            answer = outside.ask(python, job, case, limit_m=limit_s * SPEED_M_S, timeout_s=1200)
            wrong, beyond = -1, 0
            if answer.result is not None:
                low, equal, high = (found[:, : answer.result.shape[1]] for found in (least, sums, most))
                wrong = int((answer.result != equal).sum())
                beyond = int(((answer.result < low) | (answer.result > high)).sum())
            peer = (job.split("_")[0], answer.prepare, answer.query)
            rows.append(report.Row(case.name, limit_min, *peer, base, wrong, beyond))
    return rows


def size_row(count: int) -> report.Size:
    """Measure cost and memory on a synthetic network; three of them show how they grow."""
    this = ours.ready(synthetic(count))
    costs = []
    for limit_min in LIMITS_MIN:
        runs = [ours.timed(partial(ours.nearest, this, limit_min * 60.0))[1] for _ in range(2)]
        costs.append(ours.median(runs))
    _, sums = ours.timed(partial(ours.reached, this, LIMITS_MIN[0] * 60.0))
    memory = ours.bytes_per_node(this, 3600.0)
    return report.Size(this.case.count, this.case.ends.shape[1], this.cost, costs, sums, memory)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repeats and smaller networks")
    parser.add_argument("--no-peers", action="store_true", help="only the kernel and SciPy")
    parser.add_argument("--out", type=Path, default=outside.ROOT / "docs" / "benchmarks.md")
    parser.add_argument("--siting", action="store_true", help="measure siting only, and put it into the page")
    chosen = parser.parse_args()
    compile_kernels()
    python = None if chosen.no_peers else outside.environment()
    if chosen.siting:
        siting_page.put(chosen.out, siting_page.measured(python, quick=chosen.quick))
        return
    repeats = 3 if chosen.quick else 5
    say("sample city …")
    sample = sample_city()
    real = real_extract("São Paulo (OpenStreetMap extract)", "osm_sao_paulo_r5r", "spo_osm.pbf")
    cases = [sample] + ([real] if real else [])
    nearest, reached = [], []
    for case in cases:
        say(f"nearest, {case.name} …")
        nearest += nearest_rows(case, python, repeats=repeats)
    for case in [middle_of(sample, 5_000 if chosen.quick else 10_000)] + ([real] if real else []):
        say(f"reached, {case.name} …")
        reached += reached_rows(case, python, repeats=repeats)
    say("from a cold store …")
    runs = chain.cold(2 if chosen.quick else 4)
    sizes: list[report.Size] = []
    for count in (50_000, 250_000) if chosen.quick else (250_000, 1_000_000, 4_000_000):
        say(f"synthetic {count:,} …")
        sizes.append(size_row(count))
        chosen.out.write_text(report.page(cases, nearest, reached, sizes, runs), encoding="utf-8")
    say("edits of a scenario …")
    live.put(chosen.out, live.on_sample(each=8 if chosen.quick else 24))
    say("siting …")
    siting_page.put(chosen.out, siting_page.measured(python, quick=chosen.quick))
    say(f"written: {chosen.out.name}")


if __name__ == "__main__":
    main()
