"""What is done by itself or at one stroke: texts, macros, rules."""

from automation.models.rules import (
    Happening,
    Rule,
    RuleEdition,
    Run,
    Switch,
    TryOut,
    TryOutRow,
    Wait,
    When,
)
from automation.models.words import Macro, ReplyTemplate

__all__ = [
    "Happening", "Macro", "ReplyTemplate", "Rule", "RuleEdition", "Run", "Switch", "TryOut", "TryOutRow",
    "Wait", "When",
]  # fmt: skip
