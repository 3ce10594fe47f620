"""What is counted, and that servers count apart."""

from livedraft.runtime.metrics import Metrics


def value(metrics: Metrics, line: str) -> float:
    for each in metrics.exposition().decode().splitlines():
        name, _, number = each.rpartition(" ")
        if name == line:
            return float(number)
    raise AssertionError(f"no {line}")


def test_a_frame_is_taken_apart_into_stages() -> None:
    metrics = Metrics()
    timings = {
        "queued": 1.0,
        "prepared": 3.0,
        "stepped": 10.0,
        "decoded": 11.0,
        "encoded": 13.0,
        "sent": 14.0,
        "model": 8.0,
    }
    metrics.frame("echo", "draft", timings, dropped=3, batch=2)
    stages = {
        name: value(metrics, f'livedraft_stage_seconds_sum{{model="echo",stage="{name}"}}')
        for name in [*timings, "total"]
    }
    assert {name: round(seconds * 1e3, 6) for name, seconds in stages.items()} == {
        "queued": 1,
        "prepared": 2,
        "stepped": 7,
        "decoded": 1,
        "encoded": 2,
        "sent": 1,
        "model": 8,
        "total": 14,
    }
    assert value(metrics, 'livedraft_frames_total{model="echo",stage="draft"}') == 1
    assert value(metrics, 'livedraft_inputs_dropped_total{model="echo"}') == 3
    assert value(metrics, 'livedraft_batch_jobs_sum{model="echo"}') == 2


def test_gauges_are_read_when_asked() -> None:
    metrics = Metrics()
    inside = [1]
    metrics.watch(lambda: len(inside), lambda: 4, lambda: 5)
    inside.append(2)
    assert value(metrics, "livedraft_sessions") == 2
    assert value(metrics, "livedraft_queue") == 4
    assert value(metrics, "livedraft_parked") == 5


def test_two_servers_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.error("server_busy")
    assert value(one, 'livedraft_errors_total{code="server_busy"}') == 1
    assert b'code="server_busy"' not in other.exposition()
