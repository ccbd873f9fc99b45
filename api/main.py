"""Runs the API: `python -m api.main`."""

import sys

import uvicorn

from api.app import create_app
from workers.logs import configure
from workers.production import UnsafeForProduction
from workers.settings import settings


def main() -> None:
    """Serves until SIGTERM, then lets requests in flight finish."""
    config = settings()
    configure(config, "api")
    try:
        app = create_app(config)
    except UnsafeForProduction as unsafe:
        sys.exit(str(unsafe))
    uvicorn.run(
        app,
        host=config.api_host,
        port=config.api_port,
        loop="uvloop",
        access_log=False,
        log_config=None,
        server_header=False,
        forwarded_allow_ips=config.trusted_proxies,
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    main()
