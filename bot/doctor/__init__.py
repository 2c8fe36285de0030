"""What `onnews doctor` looks at; `onnews health` is one of its checks."""
