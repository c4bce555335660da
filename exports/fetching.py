"""A finished file as the answer to a request, for the page and the interface."""

from django.http import FileResponse, Http404
from django.utils.translation import gettext as _

from accounts.access import Actor, Denied
from exports import services
from exports.models import Export
from exports.writing import FORMATS
from records import files


def answer(export: Export, actor: Actor) -> FileResponse:
    """The file, sent while it is read. Denied where the actor may not see the list any more.

    Http404 where there is none: not yet, not any more, or never.
    """
    if export.state == Export.State.EXPIRED:
        raise Http404(_("This file was removed; let it be made again."))
    if export.state != Export.State.DONE:
        raise Http404(_("This file is not made."))
    source = services.source_of(export)
    if not source.may(actor):
        raise Denied(actor, source.permission or services.ACT)
    try:
        stream = files.path_of(export.key).open("rb")
    except FileNotFoundError:
        raise Http404(_("This file was removed; let it be made again.")) from None
    response = FileResponse(
        stream,
        as_attachment=True,
        filename=export.file_name,
        content_type=FORMATS[export.format].CONTENT_TYPE,
    )
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
