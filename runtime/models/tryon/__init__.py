"""Virtual try-on: a garment of a picture on a person of another."""
