"""What each operation runs on a GPU, one file an operation; importing one imports Triton."""
