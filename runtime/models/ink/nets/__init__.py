"""The networks of `ink` in torch: what is trained and exported. Serving needs none of it."""
