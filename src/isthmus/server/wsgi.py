"""The site as a WSGI application: what `isthmus serve` gives to its web server, and any other may use."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "isthmus.server.settings")

application = get_wsgi_application()
