"""What a record is called and how it stands, in both languages, as contents keep it."""

from records.kinds import process_of
from records.log import bilingual
from records.models import Record


def kind_words(kind: str) -> dict[str, str]:
    """What a record of a kind is called."""
    return bilingual(process_of(kind).model._meta.verbose_name)


def state_words(record: Record) -> dict[str, str]:
    """Its process's own word for its state."""
    return bilingual(process_of(record.kind).labels(record.state).label)
