"""Whether this machine can make PDF, which needs Pango from the system."""

import os

import pytest


def _can_make_pdf() -> bool:
    try:
        import weasyprint
    except OSError:
        return False
    return bool(weasyprint.VERSION)


needs_pdf = pytest.mark.skipif(
    not (_can_make_pdf() or os.environ.get("REQUIRE_BROWSER")),
    reason="no Pango on this machine: see WHAT_TO_INSTALL in core/paper.py",
)
