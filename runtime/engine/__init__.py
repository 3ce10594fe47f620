"""The step engine: where models run."""
