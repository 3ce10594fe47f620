"""Pictures of garments, drawn in code: cut, cloth, folds and light. What livedraft ships with."""
