"""Where a garment comes to lie on a body: control points, and maps through them."""
