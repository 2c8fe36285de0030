"""How this process begins to serve, stands by, and stops."""
