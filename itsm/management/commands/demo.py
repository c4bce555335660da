from argparse import ArgumentParser
from typing import Any
from unicodedata import east_asian_width

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation
from itsm import defaults
from itsm.demo import (
    accounts_given,
    agreement,
    alerting,
    altering,
    analysing,
    articles,
    asking,
    assets,
    automation,
    boarding,
    company,
    connections,
    desk,
    exporting,
    fieldwork,
    follow_up,
    general,
    goals,
    keeping,
    levels,
    mailing,
    misses,
    planning,
    play,
    problems,
    process_reports,
    procuring,
    queue_views,
    register,
    relations,
    releasing,
    reporting,
    requests,
    rostering,
    stories,
    supplying,
    telephone,
    transiting,
    verifying,
)
from itsm.demo.company import ACCOUNTS, CUSTOMERS, MARK, PROVIDER, SUPPLIERS


class Command(BaseCommand):
    help = "Load a made-up organisation to look around in, once; --accounts prints whom to log in as."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--accounts", action="store_true", help="only print the accounts")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["accounts"]:
            self._print_accounts()
            return
        now = timezone.now().replace(microsecond=0)
        try:
            with transaction.atomic():
                count = self._load(now)
        except company.Taken as error:
            raise CommandError(f"There is a user {error} already; the demo is for an empty system.") from None
        if options["verbosity"]:
            self.stdout.write(f"demo loaded: {count} tickets" if count else "the demo is there already")

    def _load(self, now: Any) -> int:
        if Organisation.objects.filter(code=MARK).exists():
            return 0
        with company.passwords():
            defaults.ensure()
            made = company.make(now)
            register.make(made, now=now)
            general.make(made, now=now)
            count = play.play(stories.ALL, made, now=now)
            requests.make(made, now=now)
            follow_up.make(made, now=now)
            misses.explain(made, now=now)
            reporting.past(made, now=now)
            levels.make(made, now=now)
            agreement.make(made, now=now)
            supplying.make(made, now=now)
            procuring.make(made, now=now)
            planning.make(made, now=now)
            reporting.make(made, now=now)
            articles.make(made, now=now)
            keeping.make(made, now=now)
            relations.make(made, now=now)
            desk.make(made, now=now)
            mailing.make(made, now=now)
            rostering.make(made, now=now)
            alerting.make(made, now=now)
            connections.make(made, now=now)
            telephone.make(made, now=now)
            fieldwork.make(made, now=now)
            accounts_given.make(made, now=now)
            automation.make(made, now=now)
            queue_views.make(made, now=now)
            asking.make(made, now=now)
            verifying.make(made, now=now)
            assets.make(made, now=now)
            transiting.make(made, now=now)
            releasing.make(made, now=now)
            problems.make(made, now=now)
            boarding.make(made, now=now)
            altering.make(made, now=now)
            analysing.make(made, now=now)
            play.catch_up(now)
            goals.make(made, now=now)
            process_reports.make(made, now=now)
            exporting.make(made, now=now)
            return count

    def _print_accounts(self) -> None:
        others = {code: en for code, (en, _zh) in {**CUSTOMERS, **SUPPLIERS}.items()}
        names = {"provider": PROVIDER[0], **others}
        rows = [("user name", "password", "name", "role", "language", "organisation")]
        rows += [
            (a.username, a.password, a.name, ", ".join(a.roles), a.language, names[a.organisation])
            for a in ACCOUNTS
            if a.is_shown
        ]
        widths = [max(_width(row[n]) for row in rows) for n in range(len(rows[0]))]
        for row in rows:
            cells = [text + " " * (widths[n] - _width(text)) for n, text in enumerate(row)]
            self.stdout.write("  ".join(cells).rstrip())


def _width(text: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text)
