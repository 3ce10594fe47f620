"""The streaming runtime: models, engine, sessions, transports and the server that wires them."""
