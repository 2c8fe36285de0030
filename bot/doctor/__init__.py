"""The checks of `onnews doctor`; `onnews health` is one of them."""
