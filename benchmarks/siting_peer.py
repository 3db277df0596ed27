"""spopt on the same siting problems: ``python siting_peer.py MODEL ARRAYS RESULT``, by another interpreter.

Stands alone: it must not import the project. Builds the programme and solves it with HiGHS to the gap asked for.
"""

# ruff: noqa: PLC0415 - the package is imported in its own environment
import sys
import time

import numpy as np


def clock():
    return np.array([time.process_time(), time.perf_counter()])


def built(model, case):
    from spopt.locate import LSCP, MCLP, PMedian

    away, people, count = case["away"], case["people"], int(case["count"])
    if model == "mclp":
        return MCLP.from_cost_matrix(away, people, float(case["minutes"]), count)
    if model == "lscp":
        return LSCP.from_cost_matrix(away, float(case["minutes"]))
    return PMedian.from_cost_matrix(np.minimum(away, float(case["minutes"])), people, count)


def main():
    model, arrays, result = sys.argv[1:]
    import pulp

    with np.load(arrays) as stored:
        case = dict(stored)
    start = clock()
    problem = built(model, case)
    ready = clock()
    solver = pulp.HiGHS(msg=False, gapRel=float(case["gap"]), timeLimit=float(case["limit"]))
    problem.solve(solver, results=False)
    done = clock()
    value = pulp.value(problem.problem.objective)
    optimal = problem.problem.status == pulp.LpStatusOptimal and problem.problem.sol_status == pulp.LpSolutionOptimal
    np.savez(result, build=ready - start, solve=done - ready, value=np.nan if value is None else value, proven=optimal)


if __name__ == "__main__":
    main()
