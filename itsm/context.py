"""What every page's frame needs: navigation by role, the words of the scripts, theme and languages.

The two facts that need the database, unread notices and the provider's name, are asked only by a page that
shows them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import get_language, gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from accounts.access import NARROW_ROLES
from accounts.models import Organisation
from records import notices

AGENT, MANAGER, SLM, ADMIN = "agent", "manager", "service_level_manager", "administrator"
STAFF = frozenset({AGENT, MANAGER, SLM, ADMIN})
LEADERS = frozenset({MANAGER, SLM, ADMIN})


@dataclass(frozen=True)
class Entry:
    """One word of the navigation: who may open it, and what lights it up: apps, or pages by URL name."""

    url_name: str
    label: str | Promise
    icon: str
    roles: frozenset[str] = frozenset()
    apps: frozenset[str] = frozenset()
    key: str = ""


RAIL = (
    Entry(
        "records:queue", _("Desk"), "inbox", STAFF, frozenset({"records", "incidents", "fulfilment"}), "g q"
    ),
    Entry("customers:customers", _("Customers"), "building", STAFF, frozenset({"customers:customer"}), ""),
    Entry("fulfilment:offerings", _("Requests"), "clipboard-list", STAFF, frozenset(), "g o"),
    Entry("customers:complaints", _("Complaints"), "message-2", STAFF, frozenset({"customers"}), "g m"),
    Entry("calls:list", _("Calls"), "phone", STAFF, frozenset({"calls"}), ""),
    Entry("monitoring:list", _("Alerts"), "alarm", STAFF, frozenset({"monitoring"}), ""),
    Entry("channels:list", _("Mail"), "mail", STAFF, frozenset({"channels"}), ""),
    Entry("majors:list", _("Major incidents"), "flame", STAFF, frozenset({"majors"}), ""),
    Entry("announcements:list", _("Announcements"), "news", STAFF, frozenset({"announcements"}), ""),
    Entry("incidents:checks", _("Desk checks"), "list-check", STAFF, frozenset(), ""),
    Entry(
        "servicereports:assessments",
        _("Self-assessments"),
        "clipboard-check",
        STAFF,
        frozenset(f"servicereports:assessment{part}" for part in ("", "s", "-new", "-act", "-judge")),
        "",
    ),
    Entry(
        "servicereports:relations",
        _("Relationship reports"),
        "user-heart",
        STAFF,
        frozenset(f"servicereports:relation{part}" for part in ("", "s", "-new", "-act")),
        "",
    ),
    Entry("fieldwork:board", _("On-site work"), "truck", STAFF, frozenset({"fieldwork"}), ""),
    Entry("shifts:roster", _("Roster"), "calendar-time", STAFF, frozenset({"shifts"}), ""),
    Entry("problems:list", _("Problems"), "alert-circle", STAFF, frozenset({"problems"}), "g p"),
    Entry("changes:list", _("Changes"), "replace", STAFF, frozenset({"changes"}), "g c"),
    Entry(
        "boards:calendar",
        _("Change calendar"),
        "calendar",
        STAFF,
        frozenset({"boards:calendar", "boards:slot", "boards:feed", "windows"}),
        "",
    ),
    Entry("boards:list", _("CAB meetings"), "users", STAFF, frozenset({"boards"}), ""),
    Entry("releases:list", _("Releases"), "versions", STAFF, frozenset({"releases"}), ""),
    Entry(
        "transitions:list",
        _("Service transitions"),
        "switch-horizontal",
        STAFF,
        frozenset({"transitions"}),
        "",
    ),
    Entry(
        "configuration:items", _("Configuration items"), "sitemap", STAFF, frozenset({"configuration"}), ""
    ),
    Entry("assets:list", _("Assets"), "device-laptop", STAFF, frozenset({"assets"}), ""),
    Entry(
        "verifications:imports",
        _("Imports of items"),
        "upload",
        STAFF,
        frozenset(f"verifications:import{part}" for part in ("s", "-new", "", "-act")),
        "",
    ),
    Entry(
        "verifications:baselines",
        _("Baselines"),
        "stack",
        STAFF,
        frozenset(f"verifications:baseline{part}" for part in ("s", "-new", "", "-compare")),
        "",
    ),
    Entry(
        "verifications:list", _("Register audits"), "clipboard-check", STAFF, frozenset({"verifications"}), ""
    ),
    Entry("catalog:list", _("Catalogue"), "package", STAFF, frozenset({"catalog"}), "g s"),
    Entry("knowledge:list", _("Knowledge"), "book", STAFF, frozenset({"knowledge"}), "g k"),
    Entry("actions:list", _("Follow-up actions"), "checklist", STAFF, frozenset({"actions"}), "g w"),
    Entry("agreements:list", _("Agreements"), "file-text", LEADERS, frozenset({"agreements", "sla"}), "g a"),
    Entry("sourcing:list", _("Suppliers"), "truck", STAFF, frozenset({"sourcing"}), "g u"),
    Entry("reviews:list", _("Review meetings"), "calendar-event", LEADERS, frozenset({"reviews"}), "g v"),
    Entry("planning:list", _("Requirements"), "target", LEADERS, frozenset({"planning"}), ""),
    Entry("levels:list", _("Standing"), "activity", LEADERS, frozenset({"levels"}), "g l"),
    Entry("levels:outages", _("Outages"), "bolt", frozenset({AGENT}), frozenset({"levels"}), ""),
    Entry(
        "servicereports:list", _("Service reports"), "report", LEADERS, frozenset({"servicereports"}), "g r"
    ),
    Entry(
        "processreports:list", _("Reports of processes"), "report", STAFF, frozenset({"processreports"}), ""
    ),
    Entry("reports:dashboard", _("Reports"), "chart-bar", LEADERS, frozenset({"reports"}), "g d"),
    Entry("dashboards:choice", _("Dashboards"), "layout-dashboard", LEADERS, frozenset({"dashboards"}), ""),
    Entry("kpis:list", _("Indicators"), "chart-donut", LEADERS, frozenset({"kpis", "analysis"}), ""),
    Entry("questions:list", _("Questions"), "list-search", STAFF, frozenset({"questions"}), ""),
    Entry("sla:simulate", _("SLA clock"), "hourglass", LEADERS, frozenset(), ""),
    Entry("automation:macros", _("Automation"), "bolt", STAFF, frozenset({"automation"}), ""),
    Entry("outbound:list", _("Webhooks"), "share", LEADERS, frozenset({"outbound"}), ""),
    Entry("admin:index", _("Settings"), "settings", frozenset({ADMIN}), frozenset({"admin"}), ""),
)
PORTAL = (
    Entry("portal:home", _("Home"), "home"),
    Entry("portal:list", _("My requests"), "list-check"),
    Entry("portal:catalogue", _("Order"), "clipboard-list"),
    Entry("portal:services", _("Services"), "package"),
    Entry("portal:help", _("Help"), "lifebuoy"),
)
# what customers need now and then, behind one word
PORTAL_MORE = (
    Entry("knowledge:portal-list", _("Knowledge"), "book"),
    Entry("announcements:portal-list", _("Announcements"), "news"),
    Entry("portal:agreements", _("Agreements"), "file-text"),
    Entry("reviews:portal-list", _("Review meetings"), "calendar-event", frozenset({"customer_manager"})),
    Entry("planning:needs", _("Our needs"), "target", frozenset({"customer_manager"})),
    Entry("servicereports:portal-list", _("Service reports"), "chart-bar", frozenset({"customer_manager"})),
    Entry(
        "servicereports:portal-relations",
        _("Relationship reports"),
        "user-heart",
        frozenset({"customer_manager"}),
    ),
    Entry(
        "processreports:portal-list",
        _("Monthly and other reports"),
        "report",
        frozenset({"customer_manager"}),
    ),
    Entry("customers:feedbacks", _("Feedback"), "message"),
)

# a supplier's people: their own few pages in the portal's frame
SUPPLIER = (
    Entry("supplier:home", _("Tickets with us"), "list-check"),
    Entry("supplier:notices", _("Quality notices"), "alert-triangle"),
    Entry("supplier:contracts", _("Our contracts"), "file-text"),
)


# The rail's sections, in their order: a caption and the apps whose entries stand below it.
SECTIONS: tuple[tuple[str | Promise, frozenset[str]], ...] = (
    (
        _("Service desk"),
        frozenset(
            {"records", "incidents", "fulfilment", "majors", "announcements", "monitoring", "channels"}
            | {"calls", "fieldwork", "shifts", "actions", "automation"}
        ),
    ),
    (_("Customers"), frozenset({"customers"})),
    (
        _("Problems and changes"),
        frozenset({"problems", "changes", "windows", "boards", "releases", "transitions"}),
    ),
    (_("Configuration"), frozenset({"configuration", "verifications", "assets"})),
    (_("Knowledge and catalogue"), frozenset({"knowledge", "catalog"})),
    (
        _("Service levels"),
        frozenset(
            {"agreements", "sla", "levels", "planning", "reviews", "servicereports", "reports", "sourcing"}
            | {"kpis", "processreports", "dashboards", "questions", "analysis"}
        ),
    ),
    (_("Administration"), frozenset({"outbound", "admin"})),
)


def frame(request: HttpRequest) -> dict[str, object]:
    """Context processor of base.html, portal_base.html and the error pages."""
    roles: frozenset[str] = getattr(getattr(request, "actor", None), "roles", frozenset())
    match = request.resolver_match
    app, view_name = (match.app_name, match.view_name) if match else ("", "")
    language = get_language() or settings.LANGUAGE_CODE
    is_supplier = not roles.isdisjoint(NARROW_ROLES)
    return {
        "nav": _sections(
            _entries(RAIL, lambda entry: bool(entry.roles & roles), _lit(roles, app, view_name))
        ),
        "portal_nav": _of_customers(SUPPLIER if is_supplier else PORTAL, roles, view_name),
        "portal_more": [] if is_supplier else _of_customers(PORTAL_MORE, roles, view_name),
        "portal_home": _url("supplier:home") if is_supplier else "",
        "unread_notices": SimpleLazyObject(lambda: _unread(request)),
        "current_language": language,
        "languages": settings.LANGUAGES,
        "theme": getattr(getattr(request, "user", None), "theme", "") or "auto",
        "provider_name": SimpleLazyObject(_provider_name),
        "ui_words": _words(),
    }


def _of_customers(
    entries: tuple[Entry, ...], roles: frozenset[str], view_name: str
) -> list[dict[str, object]]:
    return _entries(
        entries,
        lambda entry: not entry.roles or bool(entry.roles & roles),
        lambda entry: view_name == entry.url_name,
    )


def _lit(roles: frozenset[str], app: str, view_name: str) -> Callable[[Entry], bool]:
    """Which entry a page lights up: the one that leads to this very page, else the one of its app."""
    own = [entry for entry in RAIL if entry.roles & roles]
    leads_here = {e.url_name for e in own if e.url_name == view_name or view_name in e.apps}
    return lambda entry: entry.url_name in leads_here if leads_here else app in entry.apps


def _sections(entries: list[dict[str, object]]) -> list[dict[str, object]]:
    """The entries below their captions; those of no section stand first, without one."""
    known = frozenset[str]().union(*(apps for _caption, apps in SECTIONS))
    sections = [("", [e for e in entries if e["app"] not in known])]
    sections += [(str(caption), [e for e in entries if e["app"] in apps]) for caption, apps in SECTIONS]
    return [{"caption": caption, "entries": found} for caption, found in sections if found]


def _entries(
    entries: tuple[Entry, ...], may: Callable[[Entry], bool], active: Callable[[Entry], bool]
) -> list[dict[str, object]]:
    """The entries a person may open, as the templates read them; without those that have no page."""
    shown: list[dict[str, object]] = []
    for entry in entries:
        url = _url(entry.url_name)
        if url and may(entry):
            shown.append(
                {
                    "app": entry.url_name.partition(":")[0],
                    "label": entry.label,
                    "url": url,
                    "icon": entry.icon,
                    "active": active(entry),
                    "key": entry.key,
                }
            )
    return shown


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _unread(request: HttpRequest) -> int:
    """Unread notices of the reader, counted to 100: the bell says 99+ beyond."""
    reader = getattr(request, "user", None)
    if reader is None or not reader.is_authenticated:
        return 0
    return notices.unread_count(reader.actor)


def _provider_name() -> str:
    provider = Organisation.objects.filter(kind=Organisation.Kind.PROVIDER).first()
    return str(provider) if provider else gettext("Service desk")


def _words() -> dict[str, str]:
    """The few sentences the scripts say; `{n}` and `{text}` are filled in there."""
    return {
        "now": gettext("just now"),
        "minutes_ago": gettext("%d min ago"),
        "hours_ago": gettext("%d h ago"),
        "days_ago": gettext("%d d ago"),
        "in_minutes": gettext("in %d min"),
        "in_hours": gettext("in %d h"),
        "in_days": gettext("in %d d"),
        "selected": gettext("{n} selected"),
        "draft_restored": gettext("Your draft was restored."),
        "draft_saved": gettext("Draft saved"),
        "discard": gettext("Discard"),
        "unsaved": gettext("You have unsaved changes on this page."),
        "failed": gettext("The server could not be reached. Nothing was lost; try again."),
        "server_error": gettext("The server met an error. Nothing was lost; try again."),
        "refused": gettext("This was not accepted. Reload the page and try again."),
        "search_for": gettext("Search for “{text}”"),
        "no_commands": gettext("No such command"),
        "no_data": gettext("No data"),
        "nothing_found": gettext("Nothing found"),
        "type_to_search": gettext("Type to search"),
        "goal": gettext("Goal"),
        "close": gettext("Close"),
        # what the chips of clocks say, the same words as records.chips
        "unit_s": pgettext("duration", "%d s"),
        "unit_min": pgettext("duration", "%d min"),
        "unit_h": pgettext("duration", "%d h"),
        "unit_d": pgettext("duration", "%d d"),
        "work_hour": ngettext("%d working hour", "%d working hours", 1),
        "work_hours": ngettext("%d working hour", "%d working hours", 2),
        "work_minute": ngettext("%d working minute", "%d working minutes", 1),
        "work_minutes": ngettext("%d working minute", "%d working minutes", 2),
    }
