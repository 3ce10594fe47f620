"""The art that `ink` learns from: fetched, rendered, captioned, and drawn as batches."""
