from django.apps import AppConfig


class ProcessReportsConfig(AppConfig):
    name = "processreports"
    default_auto_field = "django.db.models.BigAutoField"
