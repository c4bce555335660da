"""All settings, from the environment. Nothing about the product lives here: that is data, in the database.

Every variable a deployment can set is read through one of the four helpers below and listed in README.md.
"""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import dj_database_url
import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

from itsm import local
from itsm.version import VERSION

django_stubs_ext.monkeypatch()  # ModelAdmin[User] and the like, as mypy wants them written

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name: str, default: str = "") -> str:
    """The variable `name`, or the content of the file that `name`_FILE points to (Docker secrets)."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    return os.environ.get(name, "").strip() or default


def env_bool(name: str, *, default: bool = False) -> bool:
    value = env(name, "1" if default else "0").lower()
    if value not in {"1", "true", "yes", "on", "0", "false", "no", "off"}:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")
    return value in {"1", "true", "yes", "on"}


def env_list(name: str) -> list[str]:
    """A list separated by commas."""
    return [part.strip() for part in env(name).split(",") if part.strip()]


def env_int(name: str, default: int) -> int:
    value = env(name, str(default))
    if not value.lstrip("-").isdigit():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def stored_secret_key(path: Path) -> str:
    """The key in `path`, made once. Of several processes that start together, the first one's key wins."""
    if not path.exists():
        path.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50))
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="utf-8")


# --- Where this installation lives -------------------------------------------------------------------------

DATA_ROOT = BASE_DIR / env("ITSM_DATA", ".data")
SITE_URL = env("SITE_URL", f"http://localhost:{env('PORT', '8000')}").rstrip("/")
_site = urlsplit(SITE_URL)
_is_https = _site.scheme == "https"

DEBUG = env_bool("DEBUG")
SECRET_KEY = env("SECRET_KEY") or stored_secret_key(DATA_ROOT / "secret_key")
_own_hosts = ["localhost", "127.0.0.1", "[::1]", _site.hostname or "localhost"]
ALLOWED_HOSTS = list(dict.fromkeys([*_own_hosts, *env_list("ALLOWED_HOSTS")]))
CSRF_TRUSTED_ORIGINS = [f"{_site.scheme}://{_site.netloc}", *env_list("CSRF_TRUSTED_ORIGINS")]

# --- Applications ------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "knox",
    "django_htmx",
    "pgtrigger",
    "pghistory",
    "itsm",
    "accounts",
    "catalog",
    "cmdb",
    "suppliers",
    "sla",
    "records",
    "actions",
    "knowledge",
    "shifts",
    "windows",
    "incidents",
    "fulfilment",
    "customers",
    "agreements",
    "announcements",
    "problems",
    "changes",
    "channels",
    "monitoring",
    "outbound",
    "calls",
    "portal",
    "reports",
    "reviews",
    "planning",
    "majors",
    "fieldwork",
    "automation",
    "workspace",
    "configuration",
    "verifications",
    "assets",
    "boards",
    "releases",
    "transitions",
    "amendments",
    "levels",
    "servicereports",
    "sourcing",
    "kpis",
    "exports",
    "dashboards",
    "analysis",
    "questions",
    "processreports",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "itsm.headers.HeadersMiddleware",
    "itsm.rest.middleware.ProblemsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.ActorMiddleware",
    "records.notices.NoticesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "records.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "itsm.urls"
WSGI_APPLICATION = "itsm.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.template.context_processors.tz",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "itsm.context.frame",
            ],
        },
    },
]

# --- PostgreSQL --------------------------------------------------------------------------------------------

DATABASE_URL = env("DATABASE_URL") or local.database_url(DATA_ROOT)


def session_limits(limits: Mapping[str, str]) -> str:
    """Limits by name as libpq's `options`; empty ones are left at the server's own."""
    return " ".join(f"-c {name}={value}" for name, value in limits.items() if value)


# Limits for the processes that serve people; commands such as migrate and import run without.
_session_limits = {
    "statement_timeout": env("DB_STATEMENT_TIMEOUT"),
    "lock_timeout": env("DB_LOCK_TIMEOUT"),
    "idle_in_transaction_session_timeout": env("DB_IDLE_TIMEOUT"),
}
_parsed = dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)
_database: dict[str, Any] = dict(_parsed)
_database["OPTIONS"] = {
    # A half-open connection is noticed in seconds, not in minutes; libpq ignores these on a socket.
    "connect_timeout": 5,
    "keepalives_idle": 3,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 5000,
    "options": session_limits(_session_limits),
    **_database.get("OPTIONS", {}),
}
DATABASES = {"default": _database}

# --- Redis: cache and Celery -------------------------------------------------------------------------------

REDIS_URL = env("REDIS_URL") or local.redis_url(DATA_ROOT)


def celery_url(url: str) -> str:
    """kombu spells a socket differently from redis-py: redis+socket:///path?virtual_host=0."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    number = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{unquote(parts.path)}?virtual_host={number}"


CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "itsm",
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}

# Celery only wakes things up; the database decides what is due and who has claimed it.
CELERY_BROKER_URL = celery_url(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,  # above the longest task, see CELERY_TASK_TIME_LIMIT
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
}
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True  # every task is idempotent
CELERY_TASK_REJECT_ON_WORKER_LOST = False  # a task that kills its process must not kill the next one too
CELERY_TASK_TIME_LIMIT = 120
# What takes long has a queue and a worker of its own, so that no alarm waits behind it.
CELERY_TASK_QUEUES = [Queue("celery"), Queue("heartbeat"), Queue("slow")]
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TASK_ROUTES = {
    "itsm.heartbeat": {"queue": "heartbeat"},
    "kpis.tasks.measure_*": {"queue": "slow"},
    "analysis.tasks.watch": {"queue": "slow"},
    "exports.tasks.run_export": {"queue": "slow"},
    "questions.tasks.send_due": {"queue": "slow"},
    "processreports.tasks.*": {"queue": "slow"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 8.0
CELERY_BEAT_SCHEDULER = "itsm.celery:HeartbeatScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 2
CELERY_TIMEZONE = "UTC"

# A request does not wait for a broken Redis: what it would have woken is found by the sweeps.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2}

# --- People ------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "accounts:login"

SESSION_ENGINE = "django.contrib.sessions.backends.db"  # serves on while Redis is away
SESSION_COOKIE_AGE = int(timedelta(days=7).total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _is_https
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = _is_https and env_bool("SSL_REDIRECT")
SECURE_HSTS_SECONDS = env_int("HSTS_SECONDS", 3600) if _is_https else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# Only behind a proxy that sets this header itself on every request.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env_bool("TRUST_PROXY") else None
X_FRAME_OPTIONS = "DENY"

# --- Languages and time ------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文"), ("zh-hant", "繁體中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Files -------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env("STATIC_ROOT", str(DATA_ROOT / "static")))
# `make run` serves straight from static/; an image that ran collectstatic sets STATIC_ROOT.
WHITENOISE_USE_FINDERS = not env("STATIC_ROOT")
if WHITENOISE_USE_FINDERS:
    STATIC_ROOT.mkdir(mode=0o711, parents=True, exist_ok=True)  # WhiteNoise warns where there is none
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if WHITENOISE_USE_FINDERS
        else "whitenoise.storage.CompressedStaticFilesStorage"
    },
}
# Attachments: never under the web root, only sent by a view that has checked who asks.
MEDIA_ROOT = Path(env("ATTACHMENTS_ROOT", str(DATA_ROOT / "attachments")))
MEDIA_URL = ""
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# --- Mail --------------------------------------------------------------------------------------------------


def email_settings(url: str) -> dict[str, Any]:
    """Django's EMAIL_* from smtp://user:password@host:587?tls=1, smtps://..., file:///path, console://."""
    parts = urlsplit(url)
    backends = {"smtp": "smtp", "smtps": "smtp", "file": "filebased", "console": "console"}
    if parts.scheme not in backends:
        raise ImproperlyConfigured(
            f"EMAIL_URL must begin with one of {list(backends)}, not {parts.scheme!r}."
        )
    backend = f"django.core.mail.backends.{backends[parts.scheme]}.EmailBackend"
    found: dict[str, Any] = {"EMAIL_BACKEND": backend}
    if parts.scheme == "file":
        return found | {"EMAIL_FILE_PATH": unquote(parts.path)}
    is_ssl = parts.scheme == "smtps"
    return found | {
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or (465 if is_ssl else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": is_ssl,
        "EMAIL_USE_TLS": parse_qs(parts.query).get("tls") == ["1"],
    }


globals().update(email_settings(env("EMAIL_URL") or f"file://{DATA_ROOT / 'outbox'}"))
EMAIL_TIMEOUT = 10
_mail_host = _site.hostname or "localhost"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("MAIL_FROM", f"Service desk <service-desk@{_mail_host}>")

# --- Requests to others: webhooks and chat robots -----------------------------------------------------------

# Hosts ("name" or "name:port") that may be asked though they are not on the internet, or by plain http.
EGRESS_ALLOWED = env_list("EGRESS_ALLOWED")

# --- API ---------------------------------------------------------------------------------------------------

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "itsm.rest.auth.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated", "itsm.rest.auth.MayUseApi"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["itsm.rest.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["itsm.rest.filters.FilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "itsm.rest.pagination.KeysetPagination",
    "DEFAULT_THROTTLE_CLASSES": ["itsm.rest.throttles.PerCaller"],
    "DEFAULT_SCHEMA_CLASS": "itsm.rest.schema.Schema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "itsm.rest.errors.handle",
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
# Per token or logged-in person; 0 is no limit.
API_READS_PER_MINUTE = env_int("API_READS_PER_MINUTE", 6000)
API_WRITES_PER_MINUTE = env_int("API_WRITES_PER_MINUTE", 3000)
KNOX_TOKEN_MODEL = "accounts.Token"  # noqa: S105 (a model, not a token)
REST_KNOX = {
    "AUTH_HEADER_PREFIX": "Bearer",
    "TOKEN_TTL": timedelta(days=365),
    "AUTO_REFRESH": False,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "ITSM API",
    "DESCRIPTION": "Tickets, clocks and the people behind them. Conventions and examples: docs/api.md.",
    "VERSION": VERSION,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "PREPROCESSING_HOOKS": ["itsm.rest.schema.drop_other_paths"],
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "LevelEnum": "records.models.Level",
        "ChangeCategoryEnum": "changes.models.Change.Category",
        "ChangeNatureEnum": "changes.models.Change.Nature",
        "MessageStateEnum": "outbound.models.Message.State",
        "AlertResultEnum": "monitoring.api_shapes.RESULTS",
        "RecordPhaseEnum": "records.api_filters.PHASES",
        "ClockPhaseEnum": "records.api_clocks.PHASES",
        "ClockStateEnum": "sla.compliance.STATES",
        "UnderpinningStateEnum": "sla.api_shapes.VERDICTS",
        "SupplierKindEnum": "suppliers.models.Supplier.Kind",
        "AppointmentStateEnum": "fieldwork.models.Appointment.State",
        "ScheduleRunStateEnum": "automation.models.ScheduleRun.State",
        "RuleOutcomeEnum": "automation.models.rules.Run.Outcome",
        "FindingOutcomeEnum": "automation.models.Finding.Outcome",
        "DutyKindEnum": "shifts.models.Duty.Kind",
        "ItemStateEnum": "cmdb.models.Item.State",
        "LicenceMetricEnum": "assets.models.Licence.Metric",
        "MaintenanceUnitEnum": "assets.models.MaintenancePlan.Unit",
        "KpiUnitEnum": "kpis.engine.Unit",
        "ItemCategoryEnum": "cmdb.models.ItemType.Category",
        "ItemAttributeKindEnum": "cmdb.models.ItemAttribute.Kind",
        "WindowKindEnum": "windows.models.Window.Kind",
        "HandoverStateEnum": "shifts.models.Handover.State",
        "LevelSourceEnum": "levels.models.Source",
        "TermSourceEnum": "sla.terms.SOURCES",
        "OfferingKindEnum": "fulfilment.models.Offering.Kind",
        "ExportStateEnum": "exports.models.Export.State",
        "QuotationLineEnum": "fulfilment.models.Quotation.Line",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# --- Logging: to stderr, one line per event ----------------------------------------------------------------

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "itsm.logging.LineFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env("LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"level": "INFO", "handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        "celery": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
    },
}
