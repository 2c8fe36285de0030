"""An edition as text, put together from pieces that are rendered once."""
