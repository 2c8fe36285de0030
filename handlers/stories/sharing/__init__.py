"""Stories sent to friends and shown inline, and the links that lead to stories."""
