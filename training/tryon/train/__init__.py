"""What ships of try-on and is trained on drawn people: where a garment's control points lie."""
