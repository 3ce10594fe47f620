"""How the weights that ship were made; no part of the package."""
