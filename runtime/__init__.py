"""The streaming runtime: models, engine, sessions, transports and the server that wires them."""

import os

# What models are run with reports home unless told otherwise before it is loaded: ONNX Runtime's
# wheels write a device id into the home folder and send what they run. Nothing here is sent, by
# models of others neither. A variable that is set already is the user's word, and stays.
for _variable in ("ORT_DISABLE_TELEMETRY", "HF_HUB_DISABLE_TELEMETRY"):
    os.environ.setdefault(_variable, "1")
