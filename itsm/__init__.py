"""The project: settings, URLs, Celery and the servers of a one-machine installation. No models."""
