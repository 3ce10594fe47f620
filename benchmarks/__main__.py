"""Run every benchmark in turn and write the results under the machine's name."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from . import (
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
    kernels_host,
    lanes,
    large_pictures,
    lora_swap,
    pen_to_pixel,
    perception,
    photograph,
    recorder,
    restyle,
    round_trip,
    slow_model,
    stalled_reader,
    torch_or_onnx,
    tryon,
    tryon_camera,
    webrtc,
    webrtc_faults,
    webrtc_server,
)
from .harness import Result, report, text, write

BENCHMARKS: dict[str, Callable[[], Result]] = {
    "cold_start": lambda: cold_start.measure(cold_start.Options()),
    "round_trip": lambda: round_trip.measure(round_trip.Options()),
    "pen_to_pixel-ink": lambda: pen_to_pixel.measure(pen_to_pixel.Options()),
    "pen_to_pixel-echo": lambda: pen_to_pixel.measure(pen_to_pixel.Options(model="echo")),
    "webrtc": lambda: webrtc.measure(webrtc.Options()),
    "camera": lambda: camera.measure(camera.Options()),
    "draft": lambda: draft.measure(draft.Options()),
    "tryon": lambda: tryon.measure(tryon.Options()),
    "tryon_camera": lambda: tryon_camera.measure(tryon_camera.Options()),
    "perception": lambda: perception.measure(perception.Options()),
    "avatar": lambda: avatar.measure(avatar.Options()),
    "photograph": lambda: photograph.measure(photograph.Options()),
    "head": lambda: head.measure(head.Options()),
    "head_browser": lambda: head_browser.measure(head_browser.Options()),
    "recorder": lambda: recorder.measure(recorder.Options()),
    "restyle": lambda: restyle.measure(restyle.Options()),
    "lora_swap": lambda: lora_swap.measure(lora_swap.Options()),
    "slow_model": lambda: slow_model.measure(slow_model.Options()),
    "stalled_reader": lambda: stalled_reader.measure(stalled_reader.Options()),
    "large_pictures": lambda: large_pictures.measure(large_pictures.Options()),
    "codecs": lambda: codecs.measure(codecs.Options()),
    "lanes": lambda: lanes.measure(lanes.Options()),
    "fairness": lambda: fairness.measure(fairness.Options()),
    "first_use": lambda: first_use.measure(first_use.Options()),
    "kernels_host": lambda: kernels_host.measure(kernels_host.Options()),
    "denoising": lambda: denoising.measure(denoising.Options()),
    "webrtc_server": lambda: webrtc_server.measure(webrtc_server.Options()),
    "webrtc_faults": lambda: webrtc_faults.measure(webrtc_faults.Options()),
    "torch_or_onnx": lambda: torch_or_onnx.measure(torch_or_onnx.Options()),
}


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    names = parser.parse_args().names or list(BENCHMARKS)
    for unknown in set(names) - BENCHMARKS.keys():
        parser.error(f"no benchmark '{unknown}'; there are {', '.join(BENCHMARKS)}")
    for name in names:
        found = report(BENCHMARKS[name]())
        print(text(found))
        write(found)


if __name__ == "__main__":
    main()
