"""What agreements ask of the levels: whether a data source has delivered anything (SLM-33)."""

from agreements import data_sources
from levels.models import MeasuredValue, Outage


def register() -> None:
    data_sources.register(delivers)


def delivers(source: str, measure: str, service: str | None) -> bool:
    """An outage that was not withdrawn, or a value of the measure, told by the source of the service."""
    of = {"service__code": service} if service else {}
    values = MeasuredValue.objects.filter(source=source, measure=measure, **of)
    return values.exists() or Outage.objects.filter(source=source, withdrawn_at=None, **of).exists()
