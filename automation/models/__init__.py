"""What is done by itself or at one stroke: texts, macros."""

from automation.models.words import Macro, ReplyTemplate

__all__ = ["Macro", "ReplyTemplate"]
