"""The sections this product brings, in the order they are offered."""


def register() -> None:
    """Called when the app is ready; safe to repeat."""
    from processreports.parts import (
        event,
        figures,
        improving,
        levels,
        misses,
        opinions,
        standing,
        wording,
        work,
    )
    from processreports.sections import register as offer

    found = (
        wording.OVERVIEW, event.EVENT, levels.ATTAINMENT, work.PROJECT, opinions.SATISFACTION, misses.MISSES,
        work.WORKLOAD, figures.INDICATORS, figures.EXPLAINED, standing.SCORES, standing.TIMELINESS,
        improving.MEASURES, improving.RISKS, wording.COMMENT, wording.OUTLOOK,
    )  # fmt: skip
    for section in found:
        offer(section)
