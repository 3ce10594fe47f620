"""The streaming runtime: models, engine, sessions, transports and the server that wires them."""

from livedraft import telemetry as telemetry  # first: before ONNX Runtime is loaded
