"""Whole editions: the articles that they choose from, what fills them up, past ones, a preview."""
