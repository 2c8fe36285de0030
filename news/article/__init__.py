"""One article's page: its headline, date, authors, picture, standfirst and body."""
