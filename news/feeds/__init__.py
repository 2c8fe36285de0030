"""A feed's document as entries: RSS, Atom, RDF, JSON Feed, sitemaps."""
