"""The networks in ONNX Runtime: graphs, eight bits, LoRAs, and the palettes they choose."""
