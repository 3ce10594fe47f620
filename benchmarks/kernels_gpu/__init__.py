"""The kernels on a GPU: right at the shapes of real models, and timed against what there is."""
