"""What the learned layer of filing is made by, and the headlines that it is made from."""
