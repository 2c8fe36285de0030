"""What every conversation uses: the context, services, memory, who may choose, ways to answer."""
