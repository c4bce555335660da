"""What the forms about saved views send, as saved.save and saved.change want it."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.models import Team
from records import filters, saved
from records.models import SavedView

NO_VERSION = 0  # who sends none has seen nothing


@dataclass(frozen=True)
class Sent:
    """A form about a view, as it was sent: shown again as it is when it was refused."""

    name_en: str
    name_zh: str
    team: str
    base: str
    sort: str
    values: dict[str, list[str]]
    columns: list[str]
    version: int

    @classmethod
    def read(cls, data: QueryDict) -> "Sent":
        version = data.get("version", "")
        return cls(
            name_en=data.get("name_en", ""),
            name_zh=data.get("name_zh", ""),
            team=data.get("for_team", ""),
            base=data.get("base", ""),
            sort=data.get("sort", ""),
            values=filters.values_of(data),
            columns=[key[:40] for key in data.getlist("columns")[:50]],
            version=int(version) if version.isdecimal() and len(version) < 10 else NO_VERSION,
        )

    @classmethod
    def of(cls, view: SavedView) -> "Sent":
        content = saved.content_of(view)
        return cls(
            name_en=view.name_en, name_zh=view.name_zh, team=str(view.team_id or ""), base=content.base,
            sort=content.sort, values=content.filters, columns=content.columns, version=view.version,
        )  # fmt: skip

    def team_for(self, actor: Actor) -> Team | None:
        """The team it is shared with; ValidationError for one the actor may not write for."""
        if not self.team:
            return None
        rows = saved.teams_for(actor)
        found = rows.filter(pk=int(self.team)).first() if _is_id(self.team) else None
        if found is None:
            words = _("You may share views with teams you lead; managers with every team.")
            raise ValidationError({"for_team": [words]})
        return found


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10
