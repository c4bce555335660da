"""Rules of the house no other tool checks: who writes state, what a Record holds, how large things are."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from records.kinds import Process, processes
from records.models import Record
from records.verbs import registered

ROOT = Path(__file__).resolve().parent.parent
APPS = [
    "accounts",
    "catalog",
    "cmdb",
    "suppliers",
    "sla",
    "records",
    "actions",
    "knowledge",
    "shifts",
    "incidents",
    "fulfilment",
    "agreements",
    "channels",
    "monitoring",
    "outbound",
    "calls",
    "portal",
]
APPS += ["automation", "announcements", "fieldwork", "majors", "workspace"]
APPS += ["windows", "problems", "changes", "boards", "releases"]
APPS += ["transitions", "configuration", "verifications", "assets"]
APPS += ["customers", "planning", "levels", "servicereports", "sourcing", "reports", "reviews", "itsm"]
APPS += ["kpis", "amendments"]
APPS += ["exports", "dashboards", "analysis", "questions", "processreports"]
KERNEL = "records/services.py"
RECORD_COLUMNS = set(
    "id kind number title description state phase waiting_for priority impact urgency customer requester "  # noqa: SIM905
    "service team assignee owner channel opened_at next_due_at done_at updated_at version".split()
)


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def test_imports_point_down_only() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


def writes_a_records_state(node: ast.AST) -> bool:
    """An assignment such as ``incident.state = ...``."""
    return isinstance(node, ast.Assign) and any(
        isinstance(target, ast.Attribute)
        and target.attr in ("state", "phase")
        and isinstance(target.value, ast.Name)
        and target.value.id in ("record", "incident", "current", "ticket")
        for target in node.targets
    )


def test_only_the_kernel_writes_state_and_phase() -> None:
    assert writes_a_records_state(ast.parse("record.state = 'new'").body[0])
    guilty = [
        f"{path}:{node.lineno}"
        for path, tree in modules()
        for node in ast.walk(tree)
        if str(path) != "records/services.py"
        and isinstance(node, ast.Assign)
        and writes_a_records_state(node)
    ]
    assert guilty == []


def test_a_record_stays_narrow() -> None:
    assert {f.name for f in Record._meta.local_fields} == RECORD_COLUMNS


def imports_views(node: ast.AST) -> bool:
    """An import of one of our own apps' views."""
    if not isinstance(node, ast.ImportFrom):
        return False
    package, _, module = (node.module or "").partition(".")
    return package in APPS and (
        module == "views" or (not module and any(alias.name == "views" for alias in node.names))
    )


def test_nothing_imports_views() -> None:
    assert imports_views(ast.parse("from sla import views").body[0])
    guilty = [
        f"{path}:{node.lineno}"
        for path, tree in modules()
        for node in ast.walk(tree)
        if imports_views(node) and path.name != "urls.py" and isinstance(node, ast.ImportFrom)
    ]
    assert guilty == []


def test_functions_modules_and_templates_keep_their_size() -> None:
    too_large = []
    lengths = []
    for path, tree in modules():
        lines = (ROOT / path).read_text(encoding="utf-8").count("\n")
        if lines > 500:
            too_large.append(f"{path}: {lines} lines")
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                lengths.append(length)
                if length > 60:
                    too_large.append(f"{path}:{node.lineno} {node.name}: {length} lines")
    for template in sorted((ROOT / "templates").rglob("*.html")):
        lines = template.read_text(encoding="utf-8").count("\n")
        if lines > 120:
            too_large.append(f"{template.relative_to(ROOT)}: {lines} lines")
    assert too_large == []
    assert sorted(lengths)[int(len(lengths) * 0.9)] <= 30


@pytest.mark.parametrize("process", processes(), ids=lambda p: p.kind.value)
def test_every_state_can_be_reached_and_left_unless_final(process: Process) -> None:
    for cycle in process.ways or (process.lifecycle,):
        seen, waiting = set(), [cycle.initial]
        while waiting:
            state = waiting.pop()
            if state not in seen:
                seen.add(state)
                waiting += [cycle.next_state(state, move) for move in cycle.legal_moves(state)]
        assert seen == cycle.states()
        assert any(cycle.is_final(state) for state in cycle.states())
    assert process.lifecycle.states() == set(process.labels.values)
    assert set(process.moves) == set(process.lifecycle.moves)


@pytest.mark.req("PLT-01")
@pytest.mark.parametrize("language", ["zh-hans", "zh-hant"])
def test_every_verb_has_a_sentence_in_both_languages(language: str) -> None:
    expected = {f"{p.kind.value}.{move}" for p in processes() for move in p.lifecycle.moves}
    assert expected <= registered().keys()
    same = []
    for name, verb in registered().items():
        with translation.override("en"):
            english = str(verb.sentence), str(verb.subject)
        with translation.override(language):
            chinese = str(verb.sentence), str(verb.subject)
        if english[0] == chinese[0] or english[1] == chinese[1]:
            same.append(name)
    assert same == []


def test_a_part_that_posts_is_given_the_token_against_forgery() -> None:
    """`only` cuts off csrf_token too: a browser would be refused, though the test client is not."""
    root = ROOT / "templates"
    posts = {
        str(path.relative_to(root))
        for path in root.rglob("*.html")
        if "{% csrf_token %}" in path.read_text(encoding="utf-8")
    }
    assert "catalog/_step.html" in posts
    refused = [
        f"{path.relative_to(root)}: {part}"
        for path in sorted(root.rglob("*.html"))
        for part in re.findall(r'{% include "[^%]*only %}', path.read_text(encoding="utf-8"))
        if part.split('"')[1] in posts and "csrf_token=" not in part
    ]
    assert refused == []
