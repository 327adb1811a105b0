"""Reads the table with the Python driver. It is told what to do as name=value each, and tells what it took as a line of JSON."""

import itertools
import json
import statistics
import sys
import time

from cassandra import ConsistencyLevel
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile
from cassandra.policies import DCAwareRoundRobinPolicy, TokenAwarePolicy
from cassandra.query import dict_factory

GROUP = 500
FIRST_ROWS = 21  # times that the first row is waited for


def main(told):
    hosts = [host.rsplit(":", 1) for host in told["hosts"].split(",")]
    cluster = Cluster(
        [host for host, _ in hosts],
        port=int(hosts[0][1]),
        protocol_version=4,  # as gocql has it, and as the counting of pages understands it
        execution_profiles={
            EXEC_PROFILE_DEFAULT: ExecutionProfile(
                load_balancing_policy=TokenAwarePolicy(DCAwareRoundRobinPolicy(told["dc"])),
                consistency_level=ConsistencyLevel.LOCAL_ONE,
                request_timeout=120,
                row_factory=dict_factory,  # whose rows can be changed, which is cheaper than making new ones
            )
        },
    )
    session = cluster.connect()
    query = session.prepare(told["query"])
    query.fetch_size = int(told["page"])
    if told["job"] == "ten":
        take(session, query, 10, lambda: time.sleep(0.5))
        result = {}
    else:
        result = measure(lambda: read_all(session, query), float(told["warmup"]))
        result["FirstRowMs"] = statistics.median(first_row(session, query) for _ in range(FIRST_ROWS))
    cluster.shutdown()
    print(json.dumps(result))


def read_all(session, query):
    """Doubles each value, keeps those that are not negative, groups them by 500, and gives how many rows came through."""
    kept = (row for row in map(doubled, session.execute(query)) if row["value"] >= 0)
    rows = 0
    while group := list(itertools.islice(kept, GROUP)):
        rows += len(group)
    return rows


def doubled(row):
    row["value"] *= 2
    return row


def take(session, query, n, seen):
    for _ in itertools.islice(session.execute(query), n):
        pass
    seen()


def first_row(session, query):
    start = time.perf_counter()
    took = []
    take(session, query, 1, lambda: took.append(1000 * (time.perf_counter() - start)))
    return took[0]


def measure(job, warmup):
    until = time.monotonic() + warmup
    job()
    while time.monotonic() < until:
        job()
    cpu, start = time.process_time(), time.perf_counter()
    rows = job()
    took, cpu = time.perf_counter() - start, time.process_time() - cpu
    return {"Rows": rows, "RowsPerSecond": rows / took, "CPUPerRow": 1e9 * cpu / rows, "PeakMiB": peak_mib()}


def peak_mib():
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))
    except FileNotFoundError:
        return 0  # only Linux tells it


if __name__ == "__main__":
    main(dict(arg.split("=", 1) for arg in sys.argv[1:]))
