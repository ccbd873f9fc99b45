"""Runs the API and the pages: `python -m web.main`."""

from runtime.production import require_safe
from runtime.settings import settings, told_when_unusable


def main() -> None:
    """The process."""
    with told_when_unusable():
        require_safe(settings())
    # It takes seconds to import, and what is wrong with the settings is said at once.
    from web.serving import serve

    serve()


if __name__ == "__main__":
    main()
