"""The demo on the web: the letterbox, which shows what would have been sent."""

from flask import Flask

from core.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Hang the letterbox, in the demo only."""
