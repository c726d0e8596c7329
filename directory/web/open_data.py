"""Everything that goes out for everybody's programs: the API, whole files, maps for crawlers."""

from flask import Flask

from directory.web import open_answers
from directory.web.crawling import bp as crawling
from directory.web.data import bp as files
from directory.web.oruk_api import bp as oruk_api


def init_app(app: Flask) -> None:
    """Hang the open addresses, and let scripts of other sites read them."""
    open_answers.init_app(app)
    app.register_blueprint(oruk_api)
    app.register_blueprint(files)
    app.register_blueprint(crawling)
