"""ON News as it is measured: what a module here runs, it runs in a process of its own."""
