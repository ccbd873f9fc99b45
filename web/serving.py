"""Serves the API and the pages."""

import uvicorn
from starlette.types import ASGIApp

from api.http.connections import patient_protocol
from runtime.garbage import collect_rarely
from runtime.logs import configure
from runtime.settings import Settings, settings, told_when_unusable
from web.app import create_app

# Longer than a proxy in front keeps an idle connection (Caddy: two minutes). If we closed first, the proxy would now
# and then send a request into a connection that has just been closed.
KEEP_ALIVE_SECONDS = 130


def serve() -> None:
    """Serves until SIGTERM, then lets requests in flight finish."""
    with told_when_unusable():
        config = settings()
        configure(config, "api")
        app = create_app(config)
    collect_rarely()
    uvicorn.Server(server_of(app, config)).run()


def server_of(app: ASGIApp, config: Settings) -> uvicorn.Config:
    """How the app is served."""
    return uvicorn.Config(
        app,
        host=config.api_host,
        port=config.api_port,
        loop="uvloop",
        http=patient_protocol(config),
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        # Our own setting says which proxies are trusted; uvicorn would trust everybody on this machine.
        proxy_headers=False,
        timeout_graceful_shutdown=3,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
