"""Each benchmark runs and measures what it says; how fast it is, is not judged here."""

import json

import numpy as np
import pytest
from benchmarks import (
    avatar,
    camera,
    codecs,
    cold_start,
    denoising,
    draft,
    fairness,
    first_use,
    head,
    head_browser,
    lanes,
    large_pictures,
    lora_swap,
    painter,
    pen_to_pixel,
    perception,
    photograph,
    recorder,
    round_trip,
    slow_model,
    stalled_reader,
    torch_or_onnx,
    tryon,
    tryon_camera,
    webrtc_faults,
    webrtc_server,
)
from benchmarks.__main__ import BENCHMARKS, main
from benchmarks.harness import Result, report, text

PERCENTILES = {"count", "p50", "p95", "p99", "max"}
SERVER_STAGES = ["queued", "prepared", "stepped", "decoded", "encoded", "sent"]


def _check(result: Result) -> None:
    """Its report is JSON, is shown whole, and every time in it is one."""
    found = json.loads(json.dumps(report(result)))
    assert all(goal["what"] in text(found) for goal in found["goals"])
    for row in (found["ms"] | found["stages_ms"]).values():
        assert set(row) == PERCENTILES
        assert row["count"] >= 1
        assert row["p50"] <= row["p95"] <= row["p99"] <= row["max"]


def test_round_trip() -> None:
    result = round_trip.measure(round_trip.Options(seconds=0.5, size=64))
    _check(result)
    assert list(result.stages_ms) == [*SERVER_STAGES, "client and loopback"]
    assert result.ms["round trip"]["p50"] > 0


def test_pen_to_pixel_in_a_real_browser() -> None:
    result = pen_to_pixel.measure(pen_to_pixel.Options(model="echo", seconds=2))
    _check(result)
    total, rest = (result.ms[what]["p50"] for what in ("pen to pixel", "of which not the model"))
    assert 0 < rest <= total
    browser = ["coalesce and wait to send", "encode", "network"]
    assert list(result.stages_ms) == [*browser, *SERVER_STAGES, "decode and paint"]


def test_camera_and_metronome_in_a_real_browser() -> None:
    result = camera.measure(camera.Options(seconds=1, metronome_seconds=1, warm_up=0.5))
    _check(result)
    assert set(result.ms) == {
        "glass to glass",
        "microphone to speaker",
        "glass to glass, beside sound",
        "flash and click apart",
    }
    assert all(row["p50"] > 0 for row in result.ms.values())


def test_webrtc_at_the_server() -> None:
    options = webrtc_server.Options(
        seconds=1,
        warm_up=1,
        sessions=2,
        viewers=2,
        size=64,
        viewed_size=64,
        slow_seconds=2,
        model_ms=50,
    )
    result = webrtc_server.measure(options)
    _check(result)
    assert result.figures["sessions a core"] > 0
    assert result.ms["age under a slow model"]["p50"] >= 50


def test_webrtc_where_it_goes_wrong() -> None:
    options = webrtc_faults.Options(
        seconds=2, warm_up=0.5, loss=0.02, outage=0.5, outages=1, killed=2, size=64
    )
    result = webrtc_faults.measure(options)
    _check(result)
    assert result.figures["frames shown a second, lossy"] > 0
    assert result.ms["from a kill to free places"]["p50"] > 0
    assert {"MiB left", "MiB left by as many again"} <= set(result.figures)


def test_slow_model_ages_by_its_own_time_at_least() -> None:
    options = slow_model.Options(seconds=1, warm_up=0.5, model_ms=50, size=64)
    result = slow_model.measure(options)
    _check(result)
    assert result.ms["age of a result"]["p50"] >= 50
    assert 2 <= result.figures["results"] < result.figures["inputs"]
    assert result.figures["server MiB, max"] > 10


def test_large_pictures_leave_others_going() -> None:
    options = large_pictures.Options(others=3, side=1500, seconds=1.5)
    result = large_pictures.measure(options)
    _check(result)
    assert list(result.ms) == ["alone", "beside the others"]
    assert result.figures["large pictures answered"] > 0


def test_stalled_reader_leaves_the_others_going() -> None:
    options = stalled_reader.Options(sessions=4, seconds=1.3, rounds=1)
    result = stalled_reader.measure(options)
    _check(result)
    assert set(result.ms) == {"without", "with a stalled reader"}
    assert result.figures["frames a second"] > 4


def test_lanes() -> None:
    result = lanes.measure(lanes.Options(seconds=0.2, delay_ms=20, width=64, height=36))
    assert list(result.ms) == [
        "one lane, alone",
        "one lane, beside",
        "a lane each, alone",
        "a lane each, beside",
    ]


def test_fairness() -> None:
    options = fairness.Options(sessions=3, seconds=0.5, warm_up=0.2, model="echo")
    result = fairness.measure(options)
    _check(result)
    assert list(result.ms) == ["alone", "beside 3 that draw", "beside 3 that refine"]
    assert min(result.figures.values()) > 0


def test_codecs() -> None:
    result = codecs.measure(codecs.Options(width=64, height=48, frames=3))
    _check(result)
    assert result.ms["vp9, encode"]["count"] == 3
    assert result.figures["h264, kB a frame"] > 0


def test_cold_start() -> None:
    result = cold_start.measure(cold_start.Options(runs=1, servers=1, model="echo"))
    _check(result)
    assert [goal.limit for goal in result.goals] == [300, 200, 8000]


def test_lora_swap() -> None:
    result = lora_swap.measure(lora_swap.Options(swaps=1, changes=1, drafts=2))
    _check(result)
    assert len(result.goals) == 3
    assert result.ms["draft while a LoRA is attached"]["count"] >= 2


def test_denoising() -> None:
    result = denoising.measure(denoising.Options(rounds=1, sessions=2, steps=2))
    _check(result)
    assert list(result.ms) == [
        "processor, bare loop",
        "processor, a session's steps",
        "processor, 2 together",
        "processor, 2 in turns",
    ]
    assert len(result.goals) == 2


def test_draft() -> None:
    result = draft.measure(draft.Options(drafts=2, threads=1))
    _check(result)
    assert list(result.stages_ms) == ["read", "condition", "step", "paint", "light", "finish"]
    assert min(row["p50"] for row in result.stages_ms.values()) > 0
    assert result.ms["processor, white paper"]["count"] == 2


def test_torch_or_onnx() -> None:
    result = torch_or_onnx.measure(torch_or_onnx.Options(runs=1, drafts=2, threads=1))
    _check(result)
    assert result.ms["draft, torch"]["count"] == 2
    assert result.ms["first picture, torch"]["p50"] > result.ms["draft, torch"]["max"]
    assert result.figures["torch, MiB"] > result.figures["onnxruntime, MiB"] > 1


def test_torch_and_onnx_paint_the_same_picture() -> None:
    made = []
    for way in painter.WAYS:
        model = painter.load(way, threads=1)
        made.append(painter.draft(model, model.open(), painter.drawn()).astype(int))
    assert made[0][..., 3].max() == 255
    assert np.abs(made[0] - made[1]).mean() < 1, "in eight bits, where those are faster"


def test_avatar() -> None:
    result = avatar.measure(avatar.Options(rounds=2))
    assert len(result.ms) == 5
    assert result.figures["bytes held"] > 1e6


def test_photograph() -> None:
    result = photograph.measure(photograph.Options(rounds=2))
    assert len(result.ms) == 3
    assert result.figures["bytes held"] > 1e6


def test_perception() -> None:
    result = perception.measure(perception.Options(rounds=1, frames=14))
    _check(result)
    assert result.ms["processor, parse of one"]["count"] == 1
    assert 0 < result.figures["joints at rest: from frame to frame, px"] < 5


def test_tryon() -> None:
    result = tryon.measure(tryon.Options(rounds=1, frames=14, seconds=0.5, warm_up=0.5))
    _check(result)
    assert result.ms["a camera's frame, all in: its age"]["count"] >= 1
    assert result.ms["processor, the first picture"]["count"] == 1
    assert 0 < result.figures["garment moving: from frame to frame, px"] < 10


def test_somebody_is_dressed_before_a_camera_in_a_real_browser() -> None:
    result = tryon_camera.measure(tryon_camera.Options(seconds=0.5, warm_up=0.5, threads=1))
    _check(result)
    assert result.ms["age of what is seen"]["p50"] > 0
    assert result.figures["pictures a second"] > 0
    assert result.figures["% of them dressed"] >= 50


def test_a_head_speaks_and_is_interrupted() -> None:
    result = head.measure(head.Options(frames=3, seconds=0.5, rounds=1, heads=1))
    _check(result)
    assert result.ms["frame, processor"]["count"] == 3
    assert result.ms["first moving frame after the first sound"]["p50"] > 0
    assert abs(result.figures["picture late against sound in mp4, ms"]) < 40
    assert result.figures["frames a second of each, 1 head"] > 0


def test_a_head_in_a_real_browser_falls_silent() -> None:
    result = head_browser.measure(head_browser.Options(films=0, clips=0, interruptions=1))
    _check(result)
    assert result.ms["interrupt to silence, in the page"]["count"] == 1
    assert result.figures["what the judge reads of 80 ms"] == pytest.approx(80, abs=4)


def test_the_browsers_own_recorder_is_seen_to_part_flashes_from_beeps() -> None:
    result = recorder.measure(recorder.Options(marks=4))
    _check(result)
    assert [row["count"] for row in result.ms.values()] == [4, 4]


def test_an_unknown_benchmark_is_refused_with_the_known_ones(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks", "round_tripp"])
    with pytest.raises(SystemExit):
        main()
    said = capsys.readouterr().err
    assert all(name in said for name in BENCHMARKS)


def test_first_use() -> None:
    result = first_use.measure(first_use.Options(runs=1))
    _check(result)
    uses = [f"{name}, {how}" for name in first_use.USES for how in ("cold", "warmed up")]
    assert {what.partition(":")[0] for what in result.ms} == set(uses)
