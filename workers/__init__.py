"""The processes in which documents are read, with a bound on time and memory."""
