"""Parts of the commands `onnews sources …`: the table, trials, and lists in files."""
