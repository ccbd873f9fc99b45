"""Runs a worker: `python -m workers.main`."""

from runtime.production import require_safe
from runtime.settings import settings, told_when_unusable


def main() -> None:
    """The process."""
    with told_when_unusable():
        require_safe(settings(), logins=False)
    # It takes seconds to import, and what is wrong with the settings is said at once.
    from workers.working import work_as_set

    work_as_set()


if __name__ == "__main__":
    main()
