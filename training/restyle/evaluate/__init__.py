"""What the shipped net does with pictures and motion that nothing was learned from."""
