"""Reading of an article's page: headline, date, authors, picture, standfirst and body."""
