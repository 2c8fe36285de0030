"""The sources, and what each check taught."""
