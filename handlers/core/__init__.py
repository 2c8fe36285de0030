"""The base of every conversation: the context, the services, memory, permissions and replies."""
