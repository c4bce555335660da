"""The same form sent again is the same act; a form in which anything was changed is another one."""

import hashlib

from django.http import HttpRequest


def fingerprint(request: HttpRequest) -> str:
    """The same for the same form at the same address; files count by name and size."""
    fields = sorted((k, v) for k, vs in request.POST.lists() if k != "csrfmiddlewaretoken" for v in vs)
    files = sorted((k, f.name or "", f.size or 0) for k, fs in request.FILES.lists() for f in fs)
    return hashlib.sha256(repr((request.get_full_path(), fields, files)).encode()).hexdigest()
