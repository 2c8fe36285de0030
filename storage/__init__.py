"""The data classes of ON News, and the archive that stores them."""
