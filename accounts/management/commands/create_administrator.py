"""`manage.py create_administrator USERNAME`: the first person of an installation without demo data."""

import getpass
import secrets
import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from accounts import services
from accounts.models import User

NEXT_STEPS = """Next:
  1. Log in at %s
  2. Under Settings, %s, add your customers (organisations), teams, people with their roles,
     and services. Calendars and a default commitment are there; change them to what you promise."""


def _address(name: str) -> str:
    return f"{settings.SITE_URL}{reverse(name)}"


class Command(BaseCommand):
    help = "Create a person with the administrator's role, or give the role to one who exists."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", default="", help="the name shown to others (default: the user name)")
        parser.add_argument("--email", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        username = options["username"].strip()
        password, is_made_up = self._password(username)
        try:
            user, is_new = services.make_administrator(
                username, name=options["name"], email=options["email"], password=password
            )
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from None
        password_words = "." if is_new else "; the password was not changed."
        self.stdout.write(f"{user.username} is an administrator{password_words}")
        if not user.is_active:
            self.stdout.write("The account is deactivated; another administrator must activate it again.")
        if is_new and is_made_up:
            self.stdout.write(f"Password: {password}")
            self.stdout.write(f"Change it at {_address('accounts:password')}")
        self.stdout.write(NEXT_STEPS % (_address("accounts:login"), _address("admin:index")))

    def _password(self, username: str) -> tuple[str, bool]:
        """Typed twice at a terminal, else made up. Not asked for where the person exists."""
        if User.objects.filter(username__iexact=username).exists():
            return "", False
        if not sys.stdin.isatty():
            return secrets.token_urlsafe(15), True
        first = getpass.getpass("Password: ")
        if first != getpass.getpass("Password again: "):
            raise CommandError("The two passwords differ; nothing was created.")
        return first, False
