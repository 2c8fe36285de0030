"""Words to search for and to search in, their index, and the words that readers follow."""
