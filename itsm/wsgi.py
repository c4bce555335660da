"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itsm.settings")

application = get_wsgi_application()

# Load every view now, once for all workers: a broken one stops the start, and the first page is quick.
_ = get_resolver().url_patterns
