"""The commands of `onnews`, which operators use in a terminal."""
