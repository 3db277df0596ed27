"""Running the peers in an environment of their own, which is made on first use and is no part of the product."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.cases import Case
from benchmarks.ours import Cost

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / ".bench-venv"
PACKAGES = ROOT / "benchmarks" / "peers.txt"


@dataclass(frozen=True, eq=False)
class Answer:
    """What a peer answered, and what preparing and answering cost; ``error`` is set when it did not."""

    prepare: Cost
    query: Cost
    result: NDArray[np.float64] | None
    error: str = ""


def environment() -> Path | None:
    """Return the peers' interpreter, making their environment when it is not there; None when that is impossible."""
    python = HOME / "bin" / "python"
    marker = HOME / ".ready"
    wanted = PACKAGES.read_text(encoding="utf-8")
    if not marker.exists() or marker.read_text(encoding="utf-8") != wanted:
        venv.create(HOME, with_pip=True)
        done = subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", "-r", PACKAGES], check=False)
        if done.returncode:
            return None
        marker.write_text(wanted, encoding="utf-8")
    return python


def ask(python: Path, job: str, case: Case, *, limit_m: float, timeout_s: float) -> Answer:
    """Let a peer do a job on a case; see :mod:`benchmarks.peers`."""
    nothing = Cost(np.nan, np.nan)
    with tempfile.TemporaryDirectory() as folder:
        arrays, result = Path(folder) / "case.npz", Path(folder) / "result.npz"
        case.save(arrays)
        command = [str(python), "-W", "ignore", str(ROOT / "benchmarks" / "peers.py"), job, str(arrays), str(limit_m)]
        try:
            done = subprocess.run(
                [*command, str(result)], capture_output=True, text=True, timeout=timeout_s, check=False
            )
        except subprocess.TimeoutExpired:
            return Answer(nothing, nothing, None, f"not within {timeout_s:.0f} s")
        if done.returncode:
            sys.stderr.write(done.stderr)
            return Answer(nothing, nothing, None, "failed")
        with np.load(result) as stored:
            prepare, query = (Cost(*map(float, stored[name])) for name in ("prepare", "query"))
            name = next(name for name in stored.files if name not in ("prepare", "query"))
            return Answer(prepare, query, stored[name])
