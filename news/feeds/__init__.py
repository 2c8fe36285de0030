"""Parsing of feeds into entries: RSS, Atom, RDF, JSON Feed, sitemaps."""
