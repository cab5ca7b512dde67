"""Django's settings, made from the options of the institute in ISTHMUS_DIR; nothing here is for editing."""

import os
import zoneinfo
from pathlib import Path
from typing import Any

from isthmus.kit import logs, options
from isthmus.server import databases, secret_keys
from isthmus.server.static_version import static_version

DIRECTORY = Path(os.environ.get("ISTHMUS_DIR") or ".").resolve()
ISTHMUS = options.load(DIRECTORY, os.environ)
DATA = DIRECTORY / "data"

SECRET_KEY = secret_keys.django_key(DATA / "secrets")
DEBUG = False
# Pages are built from options alone, so a forged Host header changes no byte; see server.security.
ALLOWED_HOSTS = ["*"]
PUBLIC_URL = ISTHMUS.public_url or os.environ.get("ISTHMUS_TEST_PUBLIC_URL", "") or "http://localhost:8000"

INSTALLED_APPS = [
    "isthmus.publications",
    "isthmus.publications.audit",
    "isthmus.search",
    "isthmus.dossiers",
    "isthmus.mailing",
    "isthmus.importers",
    "isthmus.edition.readership",
    "isthmus.theme",
    "isthmus.server",
    "isthmus.server.second_factor",
    "wagtail.contrib.settings",
    "wagtail.contrib.table_block",
    "wagtail.users",
    "wagtail.sites",
    "isthmus.server.wagtail_apps.Snippets",
    "isthmus.server.wagtail_apps.Documents",
    "isthmus.server.wagtail_apps.Images",
    "wagtail.embeds",
    "wagtail.admin",
    "wagtail.search",
    "wagtail",
    "modelcluster",
    "taggit",
    "django.contrib.humanize",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "isthmus.server.security.SecurityHeaders",
    "isthmus.server.security.AdminOnly",
    "django.middleware.common.CommonMiddleware",
]

ROOT_URLCONF = "isthmus.server.urls"
WSGI_APPLICATION = "isthmus.server.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # An institute's own templates win over the theme's, which win over Wagtail's.
        "DIRS": [DIRECTORY / "theme" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "isthmus.publications.context.site",
            ],
        },
    }
]

DATABASES = {"default": databases.connection_settings(ISTHMUS.database, DATA, journal=ISTHMUS.sqlite_journal)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "isthmus_publications.User"
WAGTAILIMAGES_IMAGE_MODEL = "isthmus_publications.Image"
WAGTAILDOCS_DOCUMENT_MODEL = "isthmus_publications.Document"

LANGUAGE_CODE = ISTHMUS.language
TIME_ZONE = ISTHMUS.time_zone
USE_TZ = True
USE_I18N = True

# Served by server.static_files from where they are installed; the version is made of their content.
STATICFILES_DIRS = [DIRECTORY / "theme" / "static"] if (DIRECTORY / "theme" / "static").is_dir() else []
_OWN_STATIC = Path(__file__).parent.parent / "theme" / "static"
STATIC_VERSION = static_version([_OWN_STATIC, *STATICFILES_DIRS], packages=["wagtail", "Django"])
STATIC_URL = f"/static/{STATIC_VERSION}/"
STORAGES = {
    "default": {"BACKEND": "isthmus.server.media_storage.WholeFiles"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = DATA / "media"
# Never mounted: pictures and files are served by views that ask the gate, and to editors by one that asks for a login.
MEDIA_URL = "/admin/media/"

# Wagtail
WAGTAIL_SITE_NAME = ISTHMUS.name
WAGTAILADMIN_BASE_URL = ISTHMUS.admin_base_url or PUBLIC_URL
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAILADMIN_UNSAFE_PAGE_DELETION_LIMIT = 10
WAGTAIL_I18N_ENABLED = False
WAGTAIL_WORKFLOW_ENABLED = True
WAGTAIL_ALLOW_UNICODE_SLUGS = True
WAGTAIL_APPEND_SLASH = True
WAGTAILADMIN_COMMENTS_ENABLED = True
WAGTAIL_AUTO_UPDATE_PREVIEW_INTERVAL = 800
# A click on Publish while the first autosave of a new piece was under way made two rows of it.
WAGTAIL_AUTOSAVE_INTERVAL = 0
# Without "localtime", which some systems list as a zone and no browser knows.
WAGTAIL_USER_TIME_ZONES = sorted(zoneinfo.available_timezones() - {"localtime"})
WAGTAILADMIN_LOGIN_URL = "/admin/login/"
LOGIN_URL = "/admin/login/"
# Wagtail's own SQLite search was measured at 2.85 s for one word over 7,000 rows and 1.2 s for each save at
# 51,000: lists search by the database's LIKE on titles and by our index instead.
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "isthmus.publications.admin_search", "AUTO_UPDATE": False}}
WAGTAILIMAGES_EXTENSIONS = ["avif", "gif", "jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = ISTHMUS.upload_max_bytes
WAGTAILIMAGES_MAX_IMAGE_PIXELS = ISTHMUS.image_max_pixels
WAGTAILIMAGES_FORMAT_CONVERSIONS = {"avif": "webp"}
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "epub", "odt", "pdf", "pptx", "txt", "xlsx", "zip"]
WAGTAILDOCS_SERVE_METHOD = "serve_view"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
TASKS = {"default": {"BACKEND": "isthmus.server.task_backend.DatabaseBackend", "QUEUES": ["default", "files"]}}

# The admin's own mail is files in data/outbox until a server is set. Readers' mail goes by the ledger of mailing.
EMAIL_BACKEND = "isthmus.server.outgoing.Backend" if ISTHMUS.mail_server else "isthmus.server.outbox.Outbox"
EMAIL_FILE_PATH = DATA / "outbox"
DEFAULT_FROM_EMAIL = ISTHMUS.mail_from or "isthmus@localhost"

# Cookies are for the admin alone; public pages are the same bytes for everybody.
SESSION_COOKIE_PATH = "/admin/"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
# Browsers take a cookie of this name from HTTPS alone. The stricter prefix __Host- would want the path /, and so send
# it along with every public page.
if SESSION_COOKIE_SECURE:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Secure-sessionid", "__Secure-csrftoken"
CSRF_COOKIE_PATH = "/admin/"
CSRF_COOKIE_SAMESITE = "Lax"
# Behind a proxy that ends TLS the request itself says http, but the browser says where the form came from.
CSRF_TRUSTED_ORIGINS = sorted({PUBLIC_URL.rstrip("/"), WAGTAILADMIN_BASE_URL.rstrip("/")})
CSRF_FAILURE_VIEW = "isthmus.server.views.forged_form"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
WAGTAILADMIN_USER_PASSWORD_RESET_FORM = "isthmus.server.reset_form.CountedPasswordResetForm"  # noqa: S105  (a class)
AUTHENTICATION_BACKENDS = ["isthmus.server.login_throttle.ThrottledBackend"]
SILENCED_SYSTEM_CHECKS: list[str] = []
FORMS_URLFIELD_ASSUME_HTTPS = True

LOGGING = logs.configuration(ISTHMUS.log_format)
