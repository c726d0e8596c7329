"""Ground floor: the page components of GOV.UK Frontend, kept apart from our stricter templates."""

from collections.abc import MutableMapping
from typing import Any

from jinja2 import BaseLoader, Environment, PackageLoader, PrefixLoader, Template

PACKAGE = "govuk_frontend_jinja"


class PageComponents(BaseLoader):
    """Their macros ask after options nobody gave, which in our own templates is an error.

    So they are compiled in an environment of their own, and `{% from %}` finds them there.
    """

    def __init__(self) -> None:
        self._env = Environment(
            loader=PrefixLoader({PACKAGE: PackageLoader(PACKAGE)}),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def load(
        self,
        environment: Environment,  # noqa: ARG002 - ours, which is too strict for them
        name: str,
        globals: MutableMapping[str, Any] | None = None,
    ) -> Template:
        """The component, whatever the environment of the page that asks for it."""
        return self._env.get_template(name, globals=globals)
