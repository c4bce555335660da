"""When mail is read: each mailbox in a task of its own, then what was stored is decided on."""

from celery import shared_task
from django.utils import timezone

from channels import fetching, intake
from channels.models import Mailbox

CLAIM = 10
ROUND = 20  # claims in one task, so that a heap is worked off and a stop is still quick


@shared_task
def fetch_mail() -> None:
    """Start a task for each active mailbox, and one for what an earlier one left."""
    for pk in Mailbox.objects.filter(is_active=True).values_list("pk", flat=True):
        fetch_mailbox.apply_async((pk,), expires=50)
    process_mail.apply_async(expires=50)


@shared_task
def fetch_mailbox(pk: int) -> int:
    """Read one mailbox and decide on what came; answers how many mails were new."""
    mailbox = Mailbox.objects.filter(pk=pk, is_active=True).first()
    count = fetching.fetch(mailbox) if mailbox else 0
    if count:
        process_mail()
    return count


@shared_task
def process_mail() -> int:
    """Decide on stored mails, the oldest first; answers how many."""
    done = 0
    for _round in range(ROUND):
        claimed = intake.claim(timezone.now(), CLAIM)
        for pk in claimed:
            intake.process(pk, now=timezone.now().replace(microsecond=0))
        done += len(claimed)
        if len(claimed) < CLAIM:
            break
    return done
