"""How every message looks, in every language."""

from templates.message import Message, Preview, RichMessage
from templates.renderer import Renderer

__all__ = ["Message", "Preview", "Renderer", "RichMessage"]
