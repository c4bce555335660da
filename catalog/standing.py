"""Where an entry of the catalogue stands, and what may be done with it then. Pure."""

from collections.abc import Collection, Mapping

DRAFT, IN_REVIEW, PUBLISHED = "draft", "in_review", "published"
UNAVAILABLE, WITHDRAWN = "unavailable", "withdrawn"
STATES = (DRAFT, IN_REVIEW, PUBLISHED, UNAVAILABLE, WITHDRAWN)

ACTS: Mapping[str, frozenset[str]] = {
    "edit": frozenset({DRAFT, IN_REVIEW, PUBLISHED, UNAVAILABLE}),
    "propose": frozenset({DRAFT, PUBLISHED, UNAVAILABLE}),
    "unavailable": frozenset({PUBLISHED}),
    "available": frozenset({UNAVAILABLE}),
    "withdraw": frozenset({DRAFT, IN_REVIEW, PUBLISHED, UNAVAILABLE}),
}
OF_REVIEWS = ("decide", "publish", "take_back")
"""What may be done while a proposal is before the committee, and only then."""


def state_of(*, is_published: bool, is_unavailable: bool, is_withdrawn: bool, is_under_review: bool) -> str:
    """The state of an entry. A published one stays so while its next version is reviewed."""
    if is_withdrawn:
        return WITHDRAWN
    if is_published:
        return UNAVAILABLE if is_unavailable else PUBLISHED
    return IN_REVIEW if is_under_review else DRAFT


def legal(state: str, *, is_under_review: bool) -> tuple[str, ...]:
    """The acts that make sense now; who may do them is the access table's affair."""
    acts = [act for act, states in ACTS.items() if state in states]
    if is_under_review and state != WITHDRAWN:
        acts = [act for act in acts if act != "propose"] + list(OF_REVIEWS)
    return tuple(acts)


def circle(edges: Mapping[str, Collection[str]], start: str) -> list[str]:
    """The way from ``start`` along what each rests on back to ``start``, with it at both ends; [] if none."""
    stack: list[list[str]] = [[start]]
    seen: set[str] = set()
    while stack:
        way = stack.pop()
        for following in edges.get(way[-1], ()):
            if following == start:
                return [*way, start]
            if following not in seen:
                seen.add(following)
                stack.append([*way, following])
    return []
