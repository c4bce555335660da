"""Plots and seeds as tables of a schema of their own, by COPY."""

import io
import json
import random
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection

from benchmarks.people import People
from benchmarks.plots import WEEKS, Plot, Scene
from benchmarks.words import PLACES, RARE, TEXTS, TITLES
from records import search
from records.models import Channel

if TYPE_CHECKING:
    from benchmarks.loader import Size

SCHEMA = """
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE SCHEMA bench;
CREATE UNLOGGED TABLE bench.plot (
    id int PRIMARY KEY, priority int, impact int, urgency int, state text, phase text, waiting_for text,
    version int, opened_at timestamptz, updated_at timestamptz, next_due_at timestamptz, done_at timestamptz,
    confirmed_at timestamptz, closed_at timestamptz, has_assignee boolean, agreement_version bigint);
CREATE UNLOGGED TABLE bench.scene (
    plot int, place int, at timestamptz, verb text, by text, is_public boolean, version int,
    text text, text_no int, run int, data jsonb);
CREATE UNLOGGED TABLE bench.run (
    plot int, place int, metric text, cycle int, agreement_version bigint, calendar_version bigint,
    target bigint, promise jsonb, started_at timestamptz, state text, target_seconds bigint, spent bigint,
    running_since timestamptz, due_at timestamptz, first_due_at timestamptz, alarm_at timestamptz,
    breached_at timestamptz, stopped_at timestamptz, decided_at timestamptz);
CREATE UNLOGGED TABLE bench.event (plot int, run int, place int, at timestamptz, type text, reason text);
CREATE UNLOGGED TABLE bench.reached (plot int, run int, step text, at timestamptz);
CREATE UNLOGGED TABLE bench.hand (plot int, place int, party text, since timestamptz, until timestamptz);
CREATE UNLOGGED TABLE bench.seed (
    id bigint PRIMARY KEY, plot int, back interval, lang int, title int, place int, is_rare boolean,
    customer bigint, requester bigint, team bigint, tier text, agent bigint, owner bigint, service bigint,
    channel text, clocks bigint, activities bigint);
CREATE UNLOGGED TABLE bench.words (kind text, no int, lang int, body text, cut tsvector);
CREATE UNLOGGED TABLE bench.plot_words (plot int, lang int, public tsvector, internal tsvector);
"""
INDEXES = """
CREATE INDEX ON bench.scene (plot);
CREATE INDEX ON bench.run (plot);
CREATE INDEX ON bench.event (plot);
CREATE INDEX ON bench.reached (plot);
CREATE INDEX ON bench.hand (plot);
CREATE INDEX ON bench.words (kind, no, lang);
CREATE INDEX ON bench.plot_words (plot, lang);
ANALYZE bench.plot, bench.scene, bench.run, bench.event, bench.reached, bench.hand, bench.seed, bench.words,
    bench.plot_words;
"""


def _value(value: Any) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        value = json.dumps(value, ensure_ascii=False)
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def copy(table: str, lines: Iterable[Sequence[Any]]) -> None:
    """COPY lines into a table."""
    text = io.StringIO()
    for line in lines:
        text.write("\t".join(map(_value, line)) + "\n")
    text.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} FROM STDIN", text)


def copy_plots(stories: Sequence[Plot]) -> None:
    """The courses with their log and clocks, and the texts."""
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA)
    copy("bench.plot", (_plot(n, p) for n, p in enumerate(stories)))
    copy(
        "bench.scene",
        (_scene(n, place, s, p) for n, p in enumerate(stories) for place, s in enumerate(p.scenes)),
    )
    copy("bench.run", (line for n, p in enumerate(stories) for line in _runs(n, p)))
    copy(
        "bench.event",
        (
            (n, run, place, e.at, e.type, e.reason)
            for n, p in enumerate(stories)
            for run, r in enumerate(p.runs)
            for place, e in enumerate(r.events)
        ),
    )
    copy(
        "bench.reached",
        (
            (n, run, step, at)
            for n, p in enumerate(stories)
            for run, r in enumerate(p.runs)
            for step, at in r.reached
        ),
    )
    copy(
        "bench.hand",
        (
            (n, place, h.party, h.since, h.until)
            for n, p in enumerate(stories)
            for place, h in enumerate(p.hands)
        ),
    )
    _copy_words(stories)


def _plot(n: int, p: Plot) -> Sequence[Any]:
    impact, urgency = {1: (1, 1), 2: (1, 2), 3: (2, 2), 4: (2, 3)}[p.priority]
    return (
        n, p.priority, impact, urgency, p.state, p.phase, p.waiting_for, p.steps, p.opened_at, p.updated_at,
        p.next_due_at, p.done_at, p.confirmed_at, p.closed_at, p.has_assignee, p.version.pk,
    )  # fmt: skip


def _text_no(plot: int, place: int, kind: str) -> int | None:
    return (plot + place) % len(TEXTS[kind]) if kind else None


def _scene(n: int, place: int, s: Scene, p: Plot) -> Sequence[Any]:
    data, run = dict(s.data), None
    if s.verb.startswith("sla."):
        run = next(i for i, r in enumerate(p.runs) if _has_reached(r, s))
    return (
        n, place, s.at, s.verb, s.by, s.is_public, s.version, s.text, _text_no(n, place, s.text), run, data,
    )  # fmt: skip


def _has_reached(run: Any, s: Scene) -> bool:
    step = s.data.get("share", "breach")
    return run.clock.metric == s.data["metric_code"] and (step, s.at) in run.reached


def _runs(n: int, p: Plot) -> Iterable[Sequence[Any]]:
    for place, run in enumerate(p.runs):
        c = run.clock
        yield (
            n, place, c.metric, c.cycle, c.agreement_version_id, c.calendar_version_id, c.target_id,
            c.promise, c.started_at, c.state, c.target_seconds, c.spent, c.running_since, c.due_at,
            c.first_due_at, c.alarm_at, c.breached_at, c.stopped_at, c.decided_at,
        )  # fmt: skip


def _copy_words(stories: Sequence[Plot]) -> None:
    with connection.cursor() as cursor:
        texts = {**TEXTS, "title": TITLES, "place": PLACES, "rare": [RARE]}
        cursor.executemany(
            "INSERT INTO bench.words VALUES (%s, %s, %s, %s, to_tsvector('simple', %s))",
            [
                (kind, no, lang, body, " ".join(search.words(body)))
                for kind, pairs in texts.items()
                for no, pair in enumerate(pairs)
                for lang, body in enumerate(pair)
            ],
        )
        for n, p in enumerate(stories):
            for lang in (0, 1):
                spoken = [
                    (s.is_public, TEXTS[s.text][_text_no(n, place, s.text) or 0][lang])
                    for place, s in enumerate(p.scenes)
                    if s.text
                ]
                public = " ".join(w for is_public, body in spoken if is_public for w in search.words(body))
                internal = " ".join(w for _public, body in spoken for w in search.words(body))
                cursor.execute(
                    """INSERT INTO bench.plot_words
                       VALUES (%s, %s, to_tsvector('simple', %s), to_tsvector('simple', %s))""",
                    [n, lang, public, internal],
                )


def copy_seeds(
    stories: Sequence[Plot], running: int, size: "Size", cast: People, chance: random.Random
) -> dict[str, int]:
    """One line per incident: its course and its people. Open ones are spread among the newest numbers."""
    counts = {"incidents": size.incidents, "open": 0, "clocks": 1, "activities": 1}

    def lines() -> Iterable[Sequence[Any]]:
        open_left = size.open
        for n in range(1, size.incidents + 1):
            left = size.incidents - n + 1
            # none in the older half, so that age and openness go together
            is_open = open_left >= left or (n > size.incidents / 2 and chance.random() < open_left / left)
            open_left -= is_open
            plot = chance.randrange(running) if is_open else chance.randrange(running, len(stories))
            yield _seed(n, plot, stories[plot], size, cast, chance, counts)
            counts["open"] += is_open
            counts["clocks"] += len(stories[plot].runs)
            counts["activities"] += len(stories[plot].scenes)

    copy("bench.seed", lines())
    with connection.cursor() as cursor:
        cursor.execute(INDEXES)
    return counts


def _seed(
    n: int, plot: int, story: Plot, size: "Size", cast: People, chance: random.Random, counts: dict[str, int]
) -> Sequence[Any]:
    # older numbers lie further back
    weeks = 0 if story.is_open else int(WEEKS * (1 - n / (size.incidents + 1)))
    customer = chance.choice(cast.customers[story.version.pk])
    team, tier = chance.choice(cast.teams)
    return (
        n, plot, f"{7 * weeks} days", chance.randrange(2), chance.randrange(len(TITLES)),
        chance.randrange(len(PLACES)), n % max(size.incidents // 10, 1) == 1, customer,
        chance.choice(cast.requesters[customer]), team, tier, chance.choice(cast.members[team]),
        chance.choice(cast.members[cast.teams[n % 10][0]]), chance.choice(cast.services),
        chance.choice(Channel.values), counts["clocks"], counts["activities"],
    )  # fmt: skip


def drop() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA bench CASCADE")
