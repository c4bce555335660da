"""By what right a controlled fact is altered: an approved change that names the item. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Authority:
    """A change as the register sees it.

    ``is_approved``: it is approved or being carried out, and not yet done. ``owner_told``: ids of the owners
    who submitted the change or were told of it (CHG-11).
    """

    number: str
    item_ids: frozenset[int]
    is_approved: bool
    owner_told: tuple[int, ...] = ()


def refusal(authority: Authority | None, item_id: int) -> str:
    """Why this does not suffice for the item ("no_change", "not_approved", "not_named"); "" when it does."""
    if authority is None:
        return "no_change"
    if not authority.is_approved:
        return "not_approved"
    if item_id not in authority.item_ids:
        return "not_named"
    return ""
