"""Buttons that answers to sentences have, by language."""

from __future__ import annotations

UNDO = {"en": "Undo", "it": "Annulla", "es": "Deshacer", "fr": "Annuler", "zh": "撤销"}
