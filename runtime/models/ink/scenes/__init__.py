"""What a prompt alone starts from: line drawings, of one thing or of several on one page."""
