"""The look of every message, in every language."""

from templates.markup.message import Preview, RenderedMessage, RichMessage
from templates.renderer import Renderer

__all__ = ["Preview", "RenderedMessage", "Renderer", "RichMessage"]
