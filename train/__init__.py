"""Training of the learned filing weights, and the headlines that they are learned from."""
