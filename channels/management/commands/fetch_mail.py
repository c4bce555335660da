"""Read mailboxes now and decide on what came: manage.py fetch_mail [--mailbox desk@example.org]."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from channels import fetching
from channels.models import Mailbox
from channels.tasks import process_mail


class Command(BaseCommand):
    help = "Read the active mailboxes, or one, and decide on every mail that waits."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--mailbox", default="", help="the address of one mailbox")

    def handle(self, *args: Any, mailbox: str, **options: Any) -> None:
        boxes = Mailbox.objects.filter(is_active=True)
        if mailbox:
            boxes = boxes.filter(address__iexact=mailbox)
            if not boxes:
                raise CommandError(f"There is no active mailbox {mailbox}.")
        failed = False
        for box in boxes:
            count, more = 0, 1
            while more:
                more = fetching.fetch(box)
                count += more
            box.refresh_from_db()
            self.stdout.write(
                f"{box.address}: {count} new" + (f" ({box.last_error})" if box.last_error else "")
            )
            failed = failed or bool(box.last_error)
        done, more = 0, 1
        while more:
            more = process_mail()
            done += more
        self.stdout.write(f"decided: {done}")
        if failed:
            raise CommandError("Not every mailbox could be read.")
