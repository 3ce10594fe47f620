"""What works on tensors and knows no model: samplers, steps of batches, adapters, execution."""
