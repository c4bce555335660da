"""manage.py api_token USERNAME: make a token for the REST interface and print it as the last line."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import services
from accounts.models import Token, User

LONGEST_DAYS = 3650


class Command(BaseCommand):
    help = "Makes an API token for a user and prints it, this one time, as the last line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", metavar="USERNAME")
        parser.add_argument(
            "--scope", choices=Token.Scope.values, default=Token.Scope.WRITE.value,
            help="read: may look at everything its user may see, and change nothing",
        )  # fmt: skip
        parser.add_argument("--days", type=int, default=365, metavar="N", help="valid for N days (365)")
        parser.add_argument("--name", default="", help="what it is for, to tell it from others")

    def handle(self, *args: Any, **options: Any) -> None:
        user = self._user(options["username"])
        days = options["days"]
        if not 1 <= days <= LONGEST_DAYS:
            raise CommandError(f"--days must be from 1 to {LONGEST_DAYS}, not {days}.")
        text = services.issue_token(
            user, name=options["name"][:100], scope=options["scope"], lifetime=timedelta(days=days)
        )
        self.stderr.write(
            f"A {options['scope']} token for {user.username}, valid for {days} days. "
            "It is shown this one time; send it as “Authorization: Bearer <token>”."
        )
        self.stdout.write(text)

    @staticmethod
    def _user(username: str) -> User:
        user = User.objects.filter(username__iexact=username).first()
        if user is None:
            raise CommandError(f"There is no user “{username}”.")
        if not user.is_active:
            raise CommandError(f"The account “{username}” is not active.")
        return user
