"""What a message is made of: cleaned text, Telegram's HTML, and lengths within its limits."""
