"""`onnews`: what an operator types."""
