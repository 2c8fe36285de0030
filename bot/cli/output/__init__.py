"""What commands print or write: tables, JSON, reasons in words, documents."""
