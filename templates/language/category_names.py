"""The English names of the categories that are translated: sections and markets."""

from __future__ import annotations

SECTIONS = (
    "Style",
    "eCommerce",
    "eLuxury",
    "Motor",
    "Watches",
    "Jewellery",
    "Beauty",
    "Yachts",
    "Tourism",
    "Real Estate",
    "Art",
    "Events",
    "Sport",
    "Technology",
    "Business",
    "Learning",
    "Job",
    "Videos",
)
MARKETS = (
    "China",
    "Asia",
    "Japan",
    "Korea",
    "India",
    "Dubai",
    "Middle East",
    "Europe",
    "Italy",
    "France",
    "United Kingdom",
    "Spain",
    "Switzerland",
    "United States",
)
"""Names of markets; these and sections are translated, unlike houses and groups."""

CATEGORY_CONTEXT = "category"
"""The gettext context that distinguishes a category's name from the same word elsewhere."""
