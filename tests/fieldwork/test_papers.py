"""The service form: written, signed, kept, corrected; and nobody scores themselves."""

import base64
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InternalError, transaction
from django.test import Client

from accounts.access import Denied
from fieldwork import images, lifecycle, papers, queries, services, sheet
from fieldwork.models import Appointment, ServiceForm
from incidents.models import Incident
from records import files
from records.models import Activity
from tests.cast import MONDAY, Cast
from tests.fieldwork.conftest import HOUR, MINUTE, THURSDAY, Maker, png

pytestmark = pytest.mark.django_db
DRAWN = papers.DRAWING + base64.b64encode(png()).decode()
FACTS = {
    "work_done": "Changed the power supply", "result": "solved", "fault": "Power supply broken",
    "parts": [{"name": "Power supply", "number": "PS-40", "quantity": 1}], "travel_minutes": 40,
}  # fmt: skip
LATER = THURSDAY + HOUR


@pytest.fixture
def there(make: Maker) -> Appointment:
    """Alice is on site."""
    visit = make(is_agreed=True)
    return services.arrive(visit, actor=visit.made_by.actor, now=THURSDAY)


def write(visit: Appointment, **over: Any) -> ServiceForm:
    return papers.write(visit, {**FACTS, **over}, actor=visit.made_by.actor, now=LATER)


def sign(visit: Appointment, **over: Any) -> ServiceForm:
    facts = {"signer": "Zhang Wei", "drawing": DRAWN, "actor": visit.made_by.actor, "now": LATER, **over}
    return papers.sign(visit, **facts)


@pytest.mark.req("BRM-15")
def test_a_visit_is_not_finished_without_its_report(there: Appointment) -> None:
    actor = there.made_by.actor
    with pytest.raises(ValidationError) as refused:
        papers.finish(there, actor=actor, now=LATER)
    assert set(refused.value.message_dict) == {"work_done"}
    write(there)
    done = papers.finish(there, actor=actor, now=LATER)
    assert (done.state, done.left_at) == (lifecycle.DONE, LATER)


@pytest.mark.req("BRM-15", "INC-12")
def test_what_is_done_without_a_signed_form_stands_in_a_list_until_it_is_signed(
    cast: Cast, there: Appointment
) -> None:
    write(there)
    papers.finish(there, actor=there.made_by.actor, now=LATER)
    rows = queries.done(cast.mona.actor, THURSDAY.date(), THURSDAY.date())
    assert list(queries.unsigned(rows)) == [there]
    (figure,) = queries.figures(rows)
    assert (figure.jobs, figure.judged, figure.in_time, figure.unsigned) == (1, 1, 1, 1)
    sign(there)
    assert list(queries.unsigned(rows)) == []


@pytest.mark.req("INC-12")
def test_a_signature_is_kept_with_name_time_and_image_and_the_hash_of_what_was_signed(
    there: Appointment,
) -> None:
    write(there)
    form = sign(there, satisfaction=5, remarks="Quick, thank you")
    assert (form.signer, form.signed_at, form.way) == ("Zhang Wei", LATER, "drawn")
    assert files.path_of(form.key).read_bytes() == png()
    assert papers.is_intact(ServiceForm.objects.get(pk=form.pk))
    assert (form.satisfaction, form.collected_by_id, form.remarks) == (5, None, "Quick, thank you")
    entry = Activity.objects.get(record=there.ticket_id, verb="visit.signed")
    assert entry.data["sha256"] == form.sha256
    assert sign(there).pk == form.pk  # sent twice, signed once
    assert Activity.objects.filter(verb="visit.signed").count() == 1


@pytest.mark.req("INC-12")
def test_the_database_keeps_a_signed_form_as_it_is_and_a_correction_is_a_new_edition(
    there: Appointment,
) -> None:
    write(there)
    form = sign(there)
    for change in ({"work_done": "Nothing"}, {"satisfaction": 5}, {"signer": "x"}):
        with pytest.raises(InternalError), transaction.atomic():
            ServiceForm.objects.filter(pk=form.pk).update(**change)
    with pytest.raises(InternalError), transaction.atomic():
        form.delete()
    with pytest.raises(ValidationError):
        write(there, work_done="Something else")
    again = papers.correct(there, reason="Wrong part number", actor=there.made_by.actor, now=LATER)
    assert (again.edition, again.work_done, again.is_signed) == (2, FACTS["work_done"], False)
    write(there, work_done="Changed the power supply and the cable")
    assert sign(there, signer="Zhang Wei").edition == 2
    assert ServiceForm.objects.get(pk=form.pk).work_done == FACTS["work_done"]


def test_a_changed_image_is_noticed(there: Appointment) -> None:
    write(there)
    form = sign(there)
    files.path_of(form.key).write_bytes(png(size=9))
    assert not papers.is_intact(form)


@pytest.mark.req("BRM-15")
def test_a_score_comes_from_the_customer_or_from_signed_paper_with_who_collected_it(
    there: Appointment,
) -> None:
    write(there)
    scan = SimpleUploadedFile("form.png", png(), "image/png")
    form = sign(there, drawing="", scan=scan, satisfaction=4)
    assert (form.way, form.satisfaction, form.collected_by) == ("scan", 4, there.made_by)


@pytest.mark.req("BRM-15")
def test_no_answer_stays_no_answer_and_counts_in_no_mean(cast: Cast, there: Appointment) -> None:
    write(there)
    assert sign(there).satisfaction is None
    found = queries.satisfaction(cast.mona.actor, THURSDAY.date(), THURSDAY.date())
    assert found == {"mean": None, "count": 0, "empty": 1}


def test_a_score_without_a_signature_has_no_place(there: Appointment) -> None:
    write(there)
    for nothing in ("", "data:image/png;base64,AAAA", papers.DRAWING + "!!", papers.DRAWING):
        with pytest.raises(ValidationError) as refused:
            sign(there, drawing=nothing, satisfaction=5)
        assert set(refused.value.message_dict) == {"drawing"}
    blank = papers.DRAWING + base64.b64encode(png(is_blank=True)).decode()
    with pytest.raises(ValidationError):
        sign(there, drawing=blank)


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a....", b"<svg/>", png()[:-8], b"\xff\xd8\xff", b"\xff\xd8\xff\xe0\x00\x00" * 9]
)
def test_what_is_no_picture_is_not_taken_for_one(there: Appointment, data: bytes) -> None:
    with pytest.raises(images.NoImage):
        images.read(data)
    write(there)
    with pytest.raises(ValidationError) as refused:
        sign(there, drawing="", scan=SimpleUploadedFile("scan.png", data, "image/png"))
    assert set(refused.value.message_dict) <= {"scan", "attachments"}


def test_only_people_of_ours_sign_for_their_visits_and_only_after_the_arrival(
    cast: Cast, there: Appointment, make: Maker
) -> None:
    write(there)
    for stranger in (cast.robot, cast.rita, cast.charlie):
        with pytest.raises(Denied):
            papers.sign(there, signer="x", drawing=DRAWN, actor=stranger.actor, now=LATER)
    ahead = make(engineer=cast.bob, starts_at=THURSDAY + timedelta(days=1))
    with pytest.raises(ValidationError):
        write(ahead)


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"work_done": " "}, "work_done"),
        ({"result": "other"}, "result"),
        ({"left_at": THURSDAY - MINUTE}, "left_at"),
        ({"arrived_at": LATER + MINUTE}, "arrived_at"),
        ({"travel_minutes": 5000}, "travel_minutes"),
        ({"remarks": "x" * 5000}, "remarks"),
    ],
)
def test_what_cannot_be_in_a_report_is_refused_at_its_field(
    there: Appointment, over: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        write(there, **over)
    assert set(refused.value.message_dict) == {field}


@pytest.mark.req("INC-12")
@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_the_form_is_printed_empty_and_signed_in_each_language(there: Appointment, language: str) -> None:
    empty = sheet.render_pdf(sheet.of(there, None, language), dated=MONDAY)
    assert empty.startswith(b"%PDF")
    write(there)
    form = sign(there, satisfaction=5)
    made = sheet.of(there, form, language)
    assert any(ticked for _label, ticked in made.scores)
    assert sheet.render_pdf(made, dated=MONDAY) == sheet.render_pdf(made, dated=MONDAY)


@pytest.mark.req("INC-12")
def test_the_engineer_records_it_all_from_a_phone_and_the_customer_reads_it(
    cast: Cast, client_of: Callable[[Any], Client], make: Maker
) -> None:
    from django.utils import timezone

    start = timezone.now() + HOUR
    visit = make(starts_at=start, is_agreed=True, now=timezone.now())
    phone = client_of(cast.alice)
    page = f"/fieldwork/visits/{visit.pk}"
    assert phone.get(f"{page}/").status_code == 200
    assert phone.post(f"{page}/do/arrive/", {}).headers["Location"] == f"{page}/report/"
    bad = phone.post(f"{page}/report/", {"result": "solved"})
    assert bad.status_code == 422
    arrived = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    facts = {
        "arrived_at": arrived,
        "work_done": "Done",
        "result": "solved",
        "parts": "Cable; C5; 2",
        "sign": "1",
    }
    assert phone.post(f"{page}/report/", facts).headers["Location"] == f"{page}/sign/"
    assert phone.get(f"{page}/sign/").status_code == 200
    signed = phone.post(f"{page}/sign/", {"signer": "Zhang", "drawing": DRAWN, "satisfaction": "4"})
    form = ServiceForm.objects.get(appointment=visit)
    assert signed.headers["Location"] == f"/fieldwork/forms/{form.pk}/"
    assert phone.post(f"{page}/do/finish/", {}).status_code == 302
    assert Appointment.objects.get(pk=visit.pk).state == lifecycle.DONE
    for who, status in ((cast.rita, 200), (cast.charlie, 404)):
        for end in ("", "form.pdf?language=both", "signature/"):
            assert client_of(who).get(f"/fieldwork/forms/{form.pk}/{end}").status_code == status
    image = client_of(cast.rita).get(f"/fieldwork/forms/{form.pk}/signature/")
    assert image["Content-Type"] == "image/png"
    assert b"".join(getattr(image, "streaming_content", ())) == png()


def test_customers_do_not_see_what_is_not_signed(cast: Cast, there: Appointment, ticket: Incident) -> None:
    form = write(there)
    assert list(ServiceForm.objects.visible_to(cast.rita.actor)) == []
    assert list(ServiceForm.objects.visible_to(cast.alice.actor)) == [form]
    assert uuid.UUID(str(there.key)).version == 4
