"""What operators are told in chat: each trouble once as it lasts, and once when it is over."""
