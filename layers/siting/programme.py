"""Mixed integer programmes by matrices, solved by HiGHS (Huangfu & Hall 2018), which says nothing on the terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

INF = float(highspy.kHighsInf)
PAUSE_S = 0.2


@dataclass(frozen=True, eq=False)
class Programme:
    """Minimise ``cost · x`` with ``row_low ≤ matrix x ≤ row_high`` and ``0 ≤ x ≤ high``; the first ``whole`` are whole.

    ``high`` and the bounds of the rows may be inf.
    """

    cost: NDArray[np.float64]
    high: NDArray[np.float64]
    whole: int
    matrix: csr_array
    row_low: NDArray[np.float64]
    row_high: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Found:
    """What was found: the best x (None without one), a lower bound (−inf without one), and whether nothing can be.

    ``done`` : the search came to its end: x is the best to within the gap asked for, or ``impossible`` is proven.
    """

    x: NDArray[np.float64] | None
    bound: float
    impossible: bool
    done: bool


def _silenced(highs: Any) -> None:
    """Silence the output before anything is written."""
    highs.silent()
    highspy.Highs.enableCallbacks(highs)


# HiGHS without its banner, which is written as soon as callbacks are first set up: while it is being made.
Quiet: Any = type("Quiet", (highspy.Highs,), {"enableCallbacks": _silenced})


def solved(
    programme: Programme,
    *,
    seconds: float,
    gap: float = 0.0,
    spread: float = 1e-6,
    known: NDArray[np.float64] | None = None,
    any_will_do: bool = False,
    cancelled: Callable[[], bool] | None = None,
    tell: Callable[[float, float], None] | None = None,
) -> Found:
    """Solve within some seconds.

    Parameters
    ----------
    gap, spread : stop when value and bound are so near, as a share and as a difference
    known : a solution to begin with
    any_will_do : stop at the first solution
    cancelled : asked now and then; True stops the work and gives what there is
    tell : told value and bound at every better solution, and now and then while the bound moves
    """
    highs = Quiet()
    options = {"time_limit": max(seconds, 0.01), "mip_rel_gap": gap, "mip_abs_gap": spread, "random_seed": 0}
    if any_will_do:
        options["mip_max_improving_sols"] = 1
    for name, value in options.items():
        highs.setOptionValue(name, value)
    highs.passModel(_model(programme))
    if known is not None:
        solution = highspy.HighsSolution()
        solution.col_value = known.tolist()
        highs.setSolution(solution)
    if cancelled is not None:
        _stoppable(highs, cancelled)
    if tell is not None:
        _watched(highs, tell)
    highs.run()
    return _found(highs, programme)


def _stoppable(highs: Any, cancelled: Callable[[], bool]) -> None:
    """Let the solver ask whether it shall go on."""

    def ask(event: Any) -> None:
        if cancelled():
            event.interrupt()

    for moment in (highs.cbMipInterrupt, highs.cbSimplexInterrupt, highs.cbIpmInterrupt):
        moment.subscribe(ask)


def _watched(highs: Any, tell: Callable[[float, float], None]) -> None:
    """Let the solver tell value and bound: at every better solution, and a few times a second where the bound moved."""
    last = [float("-inf"), perf_counter()]

    def told(event: Any) -> None:
        value, bound = float(event.data_out.mip_primal_bound), float(event.data_out.mip_dual_bound)
        last[:] = bound, perf_counter()
        tell(value, bound)

    def moved(event: Any) -> None:
        if event.data_out.mip_dual_bound > last[0] and perf_counter() - last[1] > PAUSE_S:
            told(event)

    highs.cbMipImprovingSolution.subscribe(told)
    highs.cbMipInterrupt.subscribe(moved)


def _model(programme: Programme) -> Any:
    """Return the programme in the solver's form."""
    model, matrix = highspy.HighsLp(), programme.matrix
    model.num_row_, model.num_col_ = matrix.shape
    model.col_cost_, model.col_upper_ = programme.cost, programme.high
    model.col_lower_ = np.zeros(len(programme.cost))
    model.row_lower_, model.row_upper_ = programme.row_low, programme.row_high
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32)
    model.a_matrix_.value_ = matrix.data
    if programme.whole:
        kinds = [highspy.HighsVarType.kContinuous] * len(programme.cost)
        kinds[: programme.whole] = [highspy.HighsVarType.kInteger] * programme.whole
        model.integrality_ = kinds
    return model


def _found(highs: Any, programme: Programme) -> Found:
    """Read the solution."""
    status, info = highs.getModelStatus(), highs.getInfo()
    impossible = status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible)
    done = impossible or status == highspy.HighsModelStatus.kOptimal
    x, bound = None, -INF
    if info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        x = np.asarray(highs.getSolution().col_value, dtype=np.float64)
    if programme.whole:
        bound = float(info.mip_dual_bound)
    elif done and x is not None:
        bound = float(programme.cost @ x)
    return Found(x, bound if np.isfinite(bound) else -INF, impossible, done)
