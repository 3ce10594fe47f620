"""What lists the models needs none of what runs them."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("accelerate", "diffusers", "torch", "transformers")
CODE = f"""
import sys
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.diffusion.catalogue import CATALOGUE
for name in CATALOGUE:
    model = MODELS.load(name)
    assert model.info.id == name
    model.params.model_json_schema()
print(*[name for name in {HEAVY} if name in sys.modules])
"""


def test_names_infos_and_params_need_no_torch() -> None:
    ran = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout.split()) == (0, []), ran.stderr
