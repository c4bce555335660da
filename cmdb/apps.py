from django.apps import AppConfig


class CMDBConfig(AppConfig):
    name = "cmdb"
    default_auto_field = "django.db.models.BigAutoField"
