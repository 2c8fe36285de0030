"""The output of commands: tables, JSON, reasons in words, documents."""
