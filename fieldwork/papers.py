"""The verbs of the service form: write it, have it signed, correct it by a new edition, finish the visit.

A score is the customer's: it comes with the signature on the screen, or with the signed paper by whoever
collected that. Nothing signed is ever changed; a trigger of the database holds that too.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from fieldwork import content, images, lifecycle
from fieldwork.models import MOST_TRAVEL, Appointment, ServiceForm
from fieldwork.services import Stale, advance, keep, take, tell
from records import files
from records import log as records_log
from records.files import StoredFile, Upload
from records.services import refuse

DRAWING = "data:image/png;base64,"
MOST_DRAWN = 500_000  # bytes of a drawn image
MOST_SCANNED = 10 * 1024 * 1024


def latest(appointment: Appointment) -> ServiceForm | None:
    """The newest edition, signed or not."""
    return appointment.forms.order_by("-edition").first()


# --- writing -----------------------------------------------------------------------------------


def write(
    appointment: Appointment,
    facts: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> ServiceForm:
    """Write the edition that is not signed yet; the first one if there is none.

    ``facts``: fault, work_done, parts, arrived_at, left_at, travel_minutes, result, remarks. Stale for an
    edition somebody else saved meanwhile.
    """
    with transaction.atomic():
        row = take(appointment, "work_visit", actor=actor, now=now, expected_version=None)
        if row.state not in (lifecycle.ARRIVED, lifecycle.DONE) or row.arrived_at is None:
            raise refuse("arrived_at", _("Record the arrival first; the form tells of a visit."), "required")
        form = latest(row)
        if form and form.is_signed:
            raise refuse("edition", _("This edition is signed. Begin a correction to change something."))
        if form and expected_version is not None and form.version != expected_version:
            raise Stale(row)
        is_new = form is None
        form = form or ServiceForm(appointment=row, edition=1)
        for name, value in _checked(facts, row, now).items():
            setattr(form, name, value)
        form.version += 0 if is_new else 1
        form.written_by_id, form.written_at = actor.user_id, now
        form.save()
        if is_new:
            tell(row, "reported", actor=actor, now=now, edition=form.edition)
    return form


def _checked(facts: Mapping[str, Any], row: Appointment, now: datetime) -> dict[str, Any]:
    arrived, left = facts.get("arrived_at") or row.arrived_at, facts.get("left_at")
    if not str(facts.get("work_done", "")).strip():
        raise refuse("work_done", _("Say what was done."), "required")
    if facts.get("result") not in ServiceForm.Result.values:
        raise refuse("result", _("Choose the result."), "required")
    if arrived is None or arrived > now:
        raise refuse("arrived_at", _("This lies in the future; give the time it really happened."))
    if left and not arrived <= left <= now:
        raise refuse("left_at", _("Not before the arrival, and not in the future."))
    travel = facts.get("travel_minutes") or 0
    if not 0 <= travel <= MOST_TRAVEL:
        raise refuse("travel_minutes", _("At most a day."))
    words = {
        name: str(facts.get(name, "")).replace("\0", "").strip() for name in ("fault", "work_done", "remarks")
    }
    for name, text in words.items():
        if len(text) > content.MOST_WORDS:
            raise refuse(
                name, _("The text is too long: at most %(n)s characters.") % {"n": content.MOST_WORDS}
            )
    parts = list(facts.get("parts") or [])
    if len(parts) > content.MOST_PARTS:
        raise refuse("parts", _("At most %(n)s parts.") % {"n": content.MOST_PARTS})
    return {**words, "arrived_at": arrived, "left_at": left, "travel_minutes": travel,
            "parts": parts, "result": facts["result"]}  # fmt: skip


def correct(appointment: Appointment, *, reason: str, actor: Actor, now: datetime) -> ServiceForm:
    """A further edition with the words of the signed one, to be changed and signed anew."""
    if not reason.strip():
        raise refuse("reason", _("Say what is corrected."), "required")
    with transaction.atomic():
        row = take(appointment, "work_visit", actor=actor, now=now, expected_version=None)
        before = latest(row)
        if before is None or not before.is_signed:
            raise refuse("reason", _("There is no signed edition; just change what is there."))
        copied = (
            "fault",
            "work_done",
            "parts",
            "arrived_at",
            "left_at",
            "travel_minutes",
            "result",
            "remarks",
        )
        form = ServiceForm.objects.create(
            appointment=row, edition=before.edition + 1, correction=reason.strip()[:300],
            written_by_id=actor.user_id, written_at=now, **{name: getattr(before, name) for name in copied},
        )  # fmt: skip
        tell(row, "corrected", actor=actor, now=now, edition=form.edition, reason=form.correction)
    return form


# --- signing -----------------------------------------------------------------------------------


def sign(
    appointment: Appointment,
    *,
    signer: str,
    actor: Actor,
    now: datetime,
    drawing: str = "",
    scan: Upload | None = None,
    satisfaction: int | None = None,
    remarks: str | None = None,
    expected_version: int | None = None,
) -> ServiceForm:
    """Keep the customer's signature: drawn on the screen (a PNG as data URL) or on paper (a scan).

    The hash covers every word of the form, the name, the instant and the image. Signing what is signed by
    the same hand again answers what is there.
    """
    if not signer.strip():
        raise refuse("signer", _("Write down who signs."), "required")
    if satisfaction is not None and satisfaction not in ServiceForm.Satisfaction.values:
        raise refuse("satisfaction", _("Choose one of the five, or none."), "invalid_choice")
    image, way = _image(drawing, scan)
    with transaction.atomic():
        row = take(appointment, "work_visit", actor=actor, now=now, expected_version=None)
        form = latest(row)
        if form is None:
            raise refuse("signer", _("Write the form first; then it can be signed."), "required")
        if form.is_signed:
            if form.signer == signer.strip()[:120] and form.image_sha256 == _sha(image):
                return form
            raise refuse("signer", _("This edition is signed already."), "signed")
        if expected_version is not None and form.version != expected_version:
            raise Stale(row)
        if remarks is not None:
            form.remarks = remarks.replace("\0", "").strip()[: content.MOST_WORDS]
        stored = files.store(image)
        _seal(form, row, stored, way, signer.strip()[:120], satisfaction, actor, now)
        tell(
            row, "signed", actor=actor, now=now, edition=form.edition, signer=form.signer, sha256=form.sha256
        )
    return form


def _seal(
    form: ServiceForm, row: Appointment, stored: StoredFile, way: str, signer: str,
    satisfaction: int | None, actor: Actor, now: datetime,
) -> None:  # fmt: skip
    form.signer, form.signed_at, form.way = signer, now, way
    form.key, form.image_type, form.image_sha256 = stored.key, stored.content_type, stored.sha256
    form.satisfaction, form.taken_by_id = satisfaction, actor.user_id
    is_from_paper = satisfaction is not None and way == ServiceForm.Way.SCAN
    form.collected_by_id = actor.user_id if is_from_paper else None
    form.left_at = form.left_at or now
    form.version += 1
    form.sha256 = content.digest(signed_content(form, row))
    form.save()
    Appointment.objects.filter(pk=row.pk, left_at=None).update(left_at=form.left_at)


def signed_content(form: ServiceForm, row: Appointment) -> dict[str, Any]:
    """Everything the signature stands under, as it is hashed."""

    def stamp(at: datetime | None) -> str | None:
        return at.isoformat() if at else None

    return {
        "ticket": row.ticket.number, "appointment": row.pk, "edition": form.edition,
        "customer": row.customer_id, "site": row.site, "engineer": row.engineer_id,
        "from": stamp(row.starts_at), "until": stamp(row.ends_at),
        "arrived": stamp(form.arrived_at), "left": stamp(form.left_at), "travel_minutes": form.travel_minutes,
        "fault": form.fault, "work_done": form.work_done, "parts": form.parts, "result": form.result,
        "remarks": form.remarks, "satisfaction": form.satisfaction, "correction": form.correction,
        "signer": form.signer, "signed": stamp(form.signed_at), "way": form.way, "image": form.image_sha256,
    }  # fmt: skip


def is_intact(form: ServiceForm) -> bool:
    """Whether what is stored is still what was signed, image and all."""
    path = files.path_of(form.key)
    if not path.exists() or _sha_of(path.read_bytes()) != form.image_sha256:
        return False
    return content.digest(signed_content(form, form.appointment)) == form.sha256


def _image(drawing: str, scan: Upload | None) -> tuple[Upload, str]:
    """The checked image and how it was made; ValidationError on ``drawing`` or ``scan``."""
    if scan is not None:
        files.check([scan])
        if (scan.size or 0) > MOST_SCANNED:
            raise refuse(
                "scan", _("The image is too large: at most %(n)s MB.") % {"n": MOST_SCANNED // 2**20}
            )
        return _as_image("scan", scan.read(), "scan"), ServiceForm.Way.SCAN
    if not drawing:
        raise refuse(
            "drawing", _("Let the customer sign here, or attach a scan of the signed paper."), "required"
        )
    if not drawing.startswith(DRAWING) or len(drawing) > MOST_DRAWN * 4 // 3 + 100:
        raise refuse("drawing", _("This is no signature; please draw it again."))
    try:
        data = base64.b64decode(drawing.removeprefix(DRAWING), validate=True)
    except (binascii.Error, ValueError):
        raise refuse("drawing", _("This is no signature; please draw it again.")) from None
    return _as_image("signature", data, "drawing", is_drawn=True), ServiceForm.Way.DRAWN


def _as_image(name: str, data: bytes, field: str, *, is_drawn: bool = False) -> Upload:
    """An upload of what is surely a PNG or JPEG picture."""
    try:
        picture = images.read(data)
    except images.NoImage:
        raise refuse(field, _("This is no PNG or JPEG image.")) from None
    if is_drawn and picture.kind != "png":
        raise refuse(field, _("This is no signature; please draw it again."))
    if is_drawn and picture.is_blank:
        raise refuse(field, _("Nothing was drawn yet."), "required")
    return SimpleUploadedFile(f"{name}.{picture.kind}", data, f"image/{picture.kind}")


def _sha(image: Upload) -> str:
    image.seek(0)
    found = _sha_of(image.read())
    image.seek(0)
    return found


def _sha_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# --- the end -----------------------------------------------------------------------------------


def finish(
    appointment: Appointment,
    *,
    actor: Actor,
    now: datetime,
    left_at: datetime | None = None,
    expected_version: int | None = None,
) -> Appointment:
    """The visit is over. It needs its report (BRM-15); without a signature it stands in a list of its own."""
    with transaction.atomic():
        row = take(appointment, "work_visit", actor=actor, now=now, expected_version=expected_version)
        advance(row, "finish")
        form = latest(row)
        if form is None:
            raise refuse(
                "work_done", _("Write the service form first: every visit ends with its report."), "required"
            )
        row.left_at = left_at or row.left_at or form.left_at or now
        if not (row.arrived_at or now) <= row.left_at <= now:
            raise refuse("left_at", _("Not before the arrival, and not in the future."))
        keep(row, actor=actor)
        label = records_log.bilingual(ServiceForm.Result(form.result).label)
        tell(row, "finish", actor=actor, now=now, result=label, code=form.result)
    return row
