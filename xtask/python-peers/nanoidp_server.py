"""nanoidp with one public native client and one person, at any free port of 127.0.0.1.

Its configuration is written to the folder that is named first on the command line. The first line
that it prints is {"listening": ISSUER}.
"""

import json
import sys
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


class Server(ThreadingMixIn, WSGIServer):
    """One thread for each connection."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Without a line for each request."""

    def log_message(self, *_):
        pass


server = make_server("127.0.0.1", 0, None, server_class=Server, handler_class=Quiet)
issuer = f"http://127.0.0.1:{server.server_port}"
folder = Path(sys.argv[1])

# JSON is YAML as well.
(folder / "settings.yaml").write_text(
    json.dumps(
        {
            "config_version": 1,
            "server": {"host": "127.0.0.1", "port": server.server_port},
            "oauth": {
                "issuer": issuer,
                "audience": "nameplate",
                "require_pkce": True,
                "refresh_token_rotation": True,
                "clients": [
                    {
                        "client_id": "nameplate",
                        "token_endpoint_auth_method": "none",
                        "redirect_uris": ["http://127.0.0.1/callback/nanoidp"],
                    }
                ],
            },
        }
    )
)
(folder / "users.yaml").write_text(
    json.dumps(
        {
            "config_version": 1,
            "users": {"someone": {"password": "anything", "email": "someone@example.com"}},
        }
    )
)

from nanoidp.app import create_app  # noqa: E402

server.set_app(create_app(str(folder)))
print(json.dumps({"listening": issuer}), flush=True)
server.serve_forever()
