"""Headlines in other languages: the model that translates them, and the checks of its answers."""
