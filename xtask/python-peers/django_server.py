"""django-oauth-toolkit with one public native client and one person, at any free port of 127.0.0.1.

Its data is in the folder that is named first on the command line. The first line that it prints is
{"listening": ISSUER}. The issuer has the path /o, so that the metadata of RFC 8414 is at a place
of its own, and only that document names the revocation endpoint.
"""

import json
import secrets
import sys
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import include, path


class Server(ThreadingMixIn, WSGIServer):
    """One thread for each connection."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Without a line for each request."""

    def log_message(self, *_):
        pass


def rsa_key():
    """A new key to sign with, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


server = make_server("127.0.0.1", 0, None, server_class=Server, handler_class=Quiet)
BASE = f"http://127.0.0.1:{server.server_port}"

settings.configure(
    SECRET_KEY=secrets.token_urlsafe(32),
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": Path(sys.argv[1]) / "django.sqlite3",
        }
    },
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.messages",
        "django.contrib.sessions",
        "oauth2_provider",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    LOGIN_URL="/admin/login/",
    USE_TZ=True,
    OAUTH2_PROVIDER={
        "OIDC_ENABLED": True,
        "OIDC_RSA_PRIVATE_KEY": rsa_key(),
        "OAUTH2_VALIDATOR_CLASS": f"{__name__}.Validator",
        "OAUTH_DEVICE_VERIFICATION_URI": f"{BASE}/o/device/",
        "DEVICE_FLOW_INTERVAL": 1,
        "ALLOWED_REDIRECT_URI_SCHEMES": ["http"],
        "SCOPES": {"openid": "Who you are", "profile": "Your name", "email": "Your address"},
    },
)
django.setup()

from django.contrib import admin  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from oauth2_provider.models import Application  # noqa: E402
from oauth2_provider.oauth2_validators import OAuth2Validator  # noqa: E402
from oauth2_provider.urls import metadata_urlpatterns  # noqa: E402


class Validator(OAuth2Validator):
    """Standard claims of the person."""

    oidc_claim_scope = {**OAuth2Validator.oidc_claim_scope, "email": "email", "name": "profile"}

    def get_additional_claims(self):
        """Each claim, read from a request's person."""
        return {
            "name": lambda request: request.user.get_full_name(),
            "email": lambda request: request.user.email,
        }


urlpatterns = [
    path("", include((metadata_urlpatterns, "metadata"))),
    path("o/", include("oauth2_provider.urls")),
    path("admin/", admin.site.urls),
]

call_command("migrate", verbosity=0)
User.objects.create_superuser(
    "someone", "someone@example.com", "anything", first_name="Django", last_name="Person"
)
for client, grant in [
    ("nameplate", Application.GRANT_AUTHORIZATION_CODE),
    ("nameplate-device", Application.GRANT_DEVICE_CODE),
]:
    Application.objects.create(
        client_id=client,
        name="Nameplate",
        client_type=Application.CLIENT_PUBLIC,
        authorization_grant_type=grant,
        redirect_uris="http://127.0.0.1/callback/django",
        algorithm=Application.RS256_ALGORITHM,
    )
server.set_app(get_wsgi_application())
print(json.dumps({"listening": f"{BASE}/o"}), flush=True)
server.serve_forever()
