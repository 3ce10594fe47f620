"""The networks that see people: fetched from where they are published, and converted to ONNX."""
