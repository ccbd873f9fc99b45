"""Runs the API: `python -m api.main`."""

import uvicorn

from api.app import create_app
from workers.settings import settings


def main() -> None:
    """Serves until SIGTERM, then lets requests in flight finish."""
    config = settings()
    uvicorn.run(
        create_app(config),
        host=config.api_host,
        port=config.api_port,
        loop="uvloop",
        access_log=False,
        # Which proxies to believe is a setting of ours; uvicorn would believe everybody on this machine.
        proxy_headers=False,
        log_level="warning",
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    main()
