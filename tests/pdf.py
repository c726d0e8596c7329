"""Whether this machine can make PDF, which needs Pango from the system."""

import os

import pytest

from core import paper

needs_pdf = pytest.mark.skipif(
    not (paper.can_be_made() or os.environ.get("REQUIRE_BROWSER")),
    reason="no Pango on this machine: see WHAT_TO_INSTALL in core/paper.py",
)
