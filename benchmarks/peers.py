"""The peers, run by another interpreter with their own packages: ``python peers.py JOB ARRAYS LIMIT_M RESULT``.

Stands alone: it must not import the project. Each job prepares, answers, and saves its answer with its times.
"""

# ruff: noqa: PLC0415 - each job imports its own package
import itertools
import sys
import time

import numpy as np


def clock():
    return np.array([time.process_time(), time.perf_counter()])


def places(case):
    ptr, nodes = case["ptr"], case["facilities"]
    return [nodes[a:b] for a, b in itertools.pairwise(ptr)]


def networkit_nearest(case, limit):
    import networkit as nk

    nk.setNumberOfThreads(1)
    count, lists = len(case["xy"]), places(case)
    start = clock()
    (a, b), metres = case["ends"], case["metres"]
    hub = np.repeat(count + np.arange(len(lists)), [len(p) for p in lists])
    tail, head = np.concatenate([a, b, hub]), np.concatenate([b, a, np.concatenate(lists)])
    weight = np.concatenate([metres, metres, np.zeros(len(hub))])
    arcs = (weight, (tail.astype(np.uint64), head.astype(np.uint64)))
    graph = nk.GraphFromCoo(arcs, n=count + len(lists), weighted=True, directed=True)
    prepared = clock()
    answer = np.empty((len(lists), count))
    for i in range(len(lists)):
        search = nk.distance.Dijkstra(graph, count + i, False, False)
        search.run()
        answer[i] = np.asarray(search.getDistances(asarray=True))[:count]
    return start, prepared, clock(), {"nearest": np.where(answer <= limit, answer, np.inf)}


def pandana_network(case):
    import pandana
    import pandas as pd

    (a, b), xy = case["ends"].astype(np.int64), case["xy"]
    metres = pd.DataFrame({"metres": case["metres"]})
    return pandana.Network(pd.Series(xy[:, 0]), pd.Series(xy[:, 1]), pd.Series(a), pd.Series(b), metres, twoway=True)


def pandana_nearest(case, limit):
    import pandas as pd

    lists, xy = places(case), case["xy"]
    start = clock()
    net = pandana_network(case)
    for i, nodes in enumerate(lists):
        net.set_pois(str(i), limit, 1, pd.Series(xy[nodes, 0]), pd.Series(xy[nodes, 1]))
    prepared = clock()
    answer = [net.nearest_pois(limit, str(i), num_pois=1, max_distance=1e9)[1].to_numpy() for i in range(len(lists))]
    done = clock()
    answer = np.stack(answer)
    return start, prepared, done, {"nearest": np.where(answer <= limit, answer, np.inf)}


def pandana_reached(case, limit):
    import pandas as pd

    lists = places(case)
    start = clock()
    net = pandana_network(case)
    for i, nodes in enumerate(lists):
        net.set(pd.Series(nodes.astype(np.int64)), variable=pd.Series(np.ones(len(nodes))), name=str(i))
    net.set(pd.Series(np.arange(len(case["xy"]))), variable=pd.Series(case["people"]), name="people")
    prepared = clock()
    names = [*map(str, range(len(lists))), "people"]
    answer = [net.aggregate(limit, type="sum", decay="flat", name=name).to_numpy() for name in names]
    return start, prepared, clock(), {"reached": np.stack(answer, axis=1)}


def bent(a, b, metres):
    """Draw a line from a to b that is as long as it should be: straight, or over one vertex beside its middle."""
    apart = float(np.hypot(*(b - a)))
    if metres <= apart + 1e-6:
        return f"LINESTRING({a[0]} {a[1]}, {b[0]} {b[1]})"
    aside = np.sqrt(metres**2 - apart**2) / 2
    normal = np.array([a[1] - b[1], b[0] - a[0]]) / apart if apart else np.array([1.0, 0.0])
    top = (a + b) / 2 + aside * normal
    return f"LINESTRING({a[0]} {a[1]}, {top[0]} {top[1]}, {b[0]} {b[1]})"


def cityseer_reached(case, limit):
    from cityseer import rustalgos

    xy, (tails, heads) = case["xy"], case["ends"]
    start = clock()
    net = rustalgos.graph.NetworkStructure()
    for i, (x, y) in enumerate(xy.tolist()):
        net.add_street_node(i, x, y, True, 1.0)
    for edge, (a, b, metres) in enumerate(zip(tails.tolist(), heads.tolist(), case["metres"].tolist(), strict=True)):
        net.add_street_edge(a, b, edge, a, b, bent(xy[a], xy[b], metres), 1.0)
        net.add_street_edge(b, a, edge, b, a, bent(xy[b], xy[a], metres), 1.0)
    data, key = rustalgos.data.DataMap(), {}
    for i, nodes in enumerate(places(case)):
        for x, y in xy[nodes].tolist():
            data.insert(len(key), f"POINT({x} {y})")
            key[len(key)] = str(i)
    net.build_edge_rtree()
    data.assign_data_to_network(net, 100.0, 50)
    prepared = clock()
    names = [str(i) for i in range(len(places(case)))]
    found = data.accessibility(net, key, names, distances=[int(limit)], decay_fn="1", pbar_disabled=True).result
    done = clock()
    answer = np.stack([np.asarray(found[name].count[int(limit)]) for name in names], axis=1)
    return start, prepared, done, {"reached": answer}


JOBS = {f.__name__: f for f in (networkit_nearest, pandana_nearest, pandana_reached, cityseer_reached)}

if __name__ == "__main__":
    job, arrays, limit_m, result = sys.argv[1:]
    with np.load(arrays) as stored:
        began, prepared_at, ended, answers = JOBS[job](dict(stored), float(limit_m))
    np.savez(result, prepare=prepared_at - began, query=ended - prepared_at, **answers)
