"""Random news that rigs fill archives with and serve as feeds."""
