"""On-site work: appointments of engineers with customers, and the service form each of them ends with."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Organisation, Team, User
from fieldwork import lifecycle
from records.models import Record

MOST_TRAVEL = 24 * 60
LONGEST = timedelta(days=7)


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def visible_to(self, actor: Actor) -> "AppointmentQuerySet":
        """Those of tickets the actor may see."""
        if actor.is_desk_side:
            return self if actor.scope is None else self.filter(customer__in=actor.scope)
        return self.filter(ticket__in=Record.objects.visible_to(actor).tickets())

    def open(self) -> "AppointmentQuerySet":
        return self.filter(state__in=lifecycle.OPEN)

    def shown(self) -> "AppointmentQuerySet":
        """With what every list names of one."""
        return self.select_related(
            "ticket", "ticket__service", "ticket__requester", "engineer", "customer", "team"
        )


class Appointment(models.Model):
    """Somebody of ours at a customer's place for a ticket. The engineer's time begins with the way there.

    ``promised_at`` is the instant agreed with the customer, as long as it binds us: if *we* move or call off
    an appointment it stays. ``version`` rises with every change.
    """

    class State(models.TextChoices):
        PROPOSED = lifecycle.PROPOSED, _("Time proposed")
        AGREED = lifecycle.AGREED, _("Agreed")
        UNDER_WAY = lifecycle.UNDER_WAY, _("On the way")
        ARRIVED = lifecycle.ARRIVED, _("On site")
        DONE = lifecycle.DONE, _("Done")
        MISSED = lifecycle.MISSED, _("Did not take place")
        CANCELLED = lifecycle.CANCELLED, _("Called off")

    class Asked(models.TextChoices):
        CUSTOMER = "customer", _("the customer wanted it")
        AGREED = "agreed", _("we wanted it, the customer agreed")
        US = "us", _("we wanted it, the customer did not agree")

    ticket = models.ForeignKey(Record, models.PROTECT, related_name="appointments", verbose_name=_("ticket"))
    customer = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("customer"))
    engineer = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="appointments", verbose_name=_("engineer")
    )
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    travel_minutes = models.PositiveSmallIntegerField(
        _("way there, minutes"), default=0, validators=[MaxValueValidator(MOST_TRAVEL)]
    )
    busy_from = models.DateTimeField(editable=False)  # starts_at less the way there
    site = models.CharField(_("place"), max_length=200)
    contact_name = models.CharField(_("contact on site"), max_length=120, blank=True)
    contact_phone = models.CharField(_("telephone"), max_length=50, blank=True)
    task = models.CharField(_("what is to be done"), max_length=500, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.PROPOSED, editable=False)
    promised_at = models.DateTimeField(_("promised for"), null=True)
    agreed_with = models.CharField(_("agreed with"), max_length=120, blank=True)
    agreed_at = models.DateTimeField(_("agreed"), null=True)
    override_reason = models.CharField(_("why outside the roster"), max_length=300, blank=True)
    wish = models.CharField(_("the customer's wish"), max_length=500, blank=True)
    wished_for = models.DateTimeField(_("wished for"), null=True)
    wished_at = models.DateTimeField(null=True)
    set_out_at = models.DateTimeField(_("set out"), null=True)
    arrived_at = models.DateTimeField(_("arrived"), null=True)
    left_at = models.DateTimeField(_("left"), null=True)
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.CharField(_("reason"), max_length=500, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made"))
    version = models.PositiveIntegerField(default=1, editable=False)
    # what the form carried, so that a form sent twice makes one appointment
    key = models.UUIDField(unique=True, editable=False)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="appointment_has_a_span"),
            models.CheckConstraint(
                condition=Q(busy_from__lte=F("starts_at")), name="appointment_begins_with_the_way"
            ),
            models.CheckConstraint(
                condition=~Q(state="arrived") | Q(arrived_at__isnull=False),
                name="appointment_arrived_at_an_instant",
            ),
            # nobody is at two places, nor on the way to one while at the other
            ExclusionConstraint(
                name="appointment_one_at_a_time",
                expressions=[
                    (
                        Func(F("engineer"), F("engineer"), Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(
                            F("busy_from"), F("ends_at"), function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(
                    engineer__isnull=False, state__in=["agreed", "arrived", "proposed", "under_way"]
                ),
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            models.Index(fields=["engineer", "starts_at"], name="appointment_of_engineer"),
            models.Index(fields=["ticket", "-starts_at"], name="appointment_of_ticket"),
            models.Index(
                fields=["starts_at", "id"],
                condition=Q(state__in=["agreed", "arrived", "proposed", "under_way"]),
                name="appointment_open",
            ),
            models.Index(fields=["starts_at", "id"], name="appointment_by_time"),
            models.Index(fields=["customer", "starts_at"], name="appointment_of_customer"),
            models.Index(
                fields=["ticket"], condition=Q(promised_at__isnull=False), name="appointment_promised"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.starts_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("fieldwork:visit", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state in lifecycle.OPEN

    @property
    def requester_id(self) -> int:
        """As the table of permissions reads it: whose ticket it is."""
        return self.ticket.requester_id

    def is_late(self, now: datetime) -> bool:
        """Nobody is there although somebody should be."""
        return self.state in lifecycle.BEFORE_ARRIVAL and now > (self.promised_at or self.starts_at)


class FormQuerySet(models.QuerySet["ServiceForm"]):
    def visible_to(self, actor: Actor) -> "FormQuerySet":
        """The desk side: of what it covers. Customers: what was signed, on tickets they may see."""
        if actor.is_desk_side:
            return self if actor.scope is None else self.filter(appointment__customer__in=actor.scope)
        tickets = Record.objects.visible_to(actor).tickets()
        return self.filter(appointment__ticket__in=tickets, signed_at__isnull=False)


class ServiceForm(models.Model):
    """An edition of the on-site service form. Once it is signed the database keeps it as it is.

    A correction is a further edition, to be signed anew. ``parts`` is a list of {"name", "number",
    "quantity"}. ``satisfaction`` is what the customer ticked; none is no answer and no figure counts it.
    ``key`` names the stored image of the signature (records.files).
    """

    class Result(models.TextChoices):
        SOLVED = "solved", _("The fault is removed")
        PARTLY = "partly", _("Works for now; a further visit is needed")
        NOT_SOLVED = "not_solved", _("Not removed")
        NO_ACCESS = "no_access", _("Nobody let us in")

    class Way(models.TextChoices):
        DRAWN = "drawn", _("Signed on the screen")
        SCAN = "scan", _("Signed on paper")

    class Satisfaction(models.IntegerChoices):
        VERY_DISSATISFIED = 1, _("Very dissatisfied")
        DISSATISFIED = 2, _("Dissatisfied")
        ACCEPTABLE = 3, _("Acceptable")
        SATISFIED = 4, _("Satisfied")
        VERY_SATISFIED = 5, _("Very satisfied")

    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="forms")
    edition = models.PositiveSmallIntegerField(default=1)
    correction = models.CharField(_("what is corrected"), max_length=300, blank=True)
    fault = models.TextField(_("fault found"), blank=True)
    work_done = models.TextField(_("work done"))
    parts = models.JSONField(_("parts used"), default=list)
    arrived_at = models.DateTimeField(_("arrived"))
    left_at = models.DateTimeField(_("left"), null=True)
    travel_minutes = models.PositiveSmallIntegerField(_("travel, minutes"), default=0)
    result = models.CharField(_("result"), max_length=12, choices=Result)
    remarks = models.TextField(_("customer's remarks"), blank=True)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    signer = models.CharField(_("name of who signs"), max_length=120, blank=True)
    signed_at = models.DateTimeField(_("signed"), null=True)
    way = models.CharField(max_length=6, choices=Way, blank=True)
    satisfaction = models.PositiveSmallIntegerField(
        _("satisfaction"), choices=Satisfaction, null=True,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
    )  # fmt: skip
    # who typed it in from the signed paper; none: the customer ticked it on the screen
    collected_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    key = models.CharField(max_length=32, blank=True)
    image_type = models.CharField(max_length=40, blank=True)
    image_sha256 = models.CharField(max_length=64, blank=True)
    # of what was signed: the form's content with the image's own hash (fieldwork.content)
    sha256 = models.CharField(max_length=64, blank=True)
    taken_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = FormQuerySet.as_manager()

    class Meta:
        verbose_name = _("on-site service form")
        verbose_name_plural = _("on-site service forms")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["appointment", "edition"], name="service_form_edition_once"),
            models.CheckConstraint(
                condition=Q(signed_at=None, signer="", key="", sha256="", satisfaction=None)
                | (Q(signed_at__isnull=False) & ~Q(signer="") & ~Q(key="") & ~Q(sha256="")),
                name="service_form_signed_whole",
            ),
            models.CheckConstraint(
                condition=Q(satisfaction=None) | Q(way="drawn", collected_by=None)
                | Q(way="scan", collected_by__isnull=False),
                name="service_form_score_has_a_source",
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            models.Index(
                fields=["signed_at"], condition=Q(signed_at__isnull=False), name="service_form_signed"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="signed_form_is_kept",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__signed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.appointment_id}/{self.edition}"

    def get_absolute_url(self) -> str:
        return reverse("fieldwork:form", args=[self.pk])

    @property
    def is_signed(self) -> bool:
        return self.signed_at is not None

    @property
    def part_rows(self) -> list[dict[str, Any]]:
        return list(self.parts)
