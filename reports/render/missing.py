"""What is said when a format needs a package that is not installed."""

from calculators.errors import UserError


class MissingExtra(UserError):
    """A format's package is not installed; the message says how to install it."""

    def __init__(self, extra: str, package: str) -> None:
        super().__init__(f"this format needs {package}; install it with: pip install 'race-algorithm-auditor[{extra}]'")
