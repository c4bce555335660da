"""What is done by itself or at one stroke: texts, macros, rules, recurring work."""

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
from automation.models.schedules import CatchUp, Finding, OnClosed, Rhythm, Schedule, ScheduleRun
from automation.models.words import Macro, ReplyTemplate

__all__ = [
    "CatchUp", "Finding", "Happening", "Macro", "OnClosed", "ReplyTemplate", "Rhythm", "Rule", "RuleEdition",
    "Run", "Schedule", "ScheduleRun", "Switch", "TryOut", "TryOutRow", "Wait", "When",
]  # fmt: skip
