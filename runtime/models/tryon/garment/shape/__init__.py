"""What an outline tells: where parts lie, of what kind a garment is, and its layers."""
