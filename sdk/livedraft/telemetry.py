"""What other libraries would report of their use, switched off before they are loaded.

ONNX Runtime's wheels write a device id into the home folder and send what they run, each gr.Blocks
asks for Gradio's newest version and reports itself, and the Hugging Face Hub's client says who
asks. With us nothing is sent, by models of others neither. A variable that is set already is the
user's word, and stays.
"""

import os
import sys

VARIABLES = {
    "ORT_DISABLE_TELEMETRY": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}
for _name, _value in VARIABLES.items():
    os.environ.setdefault(_name, _value)
# The Hub's client reads its variable once, and Gradio, which is often imported first, loads it.
_hub = sys.modules.get("huggingface_hub.constants")
if _hub is not None and os.environ["HF_HUB_DISABLE_TELEMETRY"] == "1":
    _hub.__dict__["HF_HUB_DISABLE_TELEMETRY"] = True
