"""Kith, wired: settings, extensions, rooms, commands. It decides nothing itself."""

from flask import Flask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

import accounts.cli
import accounts.cross_checks
import accounts.web
import core.audit.commands
import core.cli
import core.sealing.rotation
import demo.web
import directory.cli
import directory.cross_checks
import directory.desk.waiting
import directory.freshness.enquiries
import directory.notices
import directory.search
import directory.web
import referrals.cli
import referrals.cross_checks
import referrals.web
from core import (
    access,
    audit,
    compression,
    db,
    figures,
    health,
    keys,
    languages,
    logs,
    memory,
    offline,
    ops,
    outbox,
    sealing,
    security_txt,
    site,
    stylesheet,
    templating,
    web,
    work,
)
from core.settings import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The application, for these settings or those of the environment."""
    settings = settings or Settings.from_env()
    logs.set_up(settings)
    app = Flask(__name__, instance_path=str(settings.data_dir))
    app.testing = settings.env == "test"
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, settings.proxies, settings.proxies)  # type: ignore[method-assign]
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    app.extensions["kith.settings"] = settings
    app.extensions["kith.transport"] = outbox.transport_of(settings)
    site.set_up(settings)
    keys.init_app(app, settings)
    db.init_app(app, settings.database_url)
    sealing.init_app(app)
    Migrate(app, db.db, compare_type=True, render_as_batch=True)
    compression.init_app(app)
    logs.init_app(app)
    figures.init_app(app, settings)
    web.init_app(app, settings)
    access.init_app(app)
    languages.init_app(app)
    templating.init_app(app, settings)
    stylesheet.init_app(app, settings)
    work.init_app()
    audit.init_app(app)
    core.audit.commands.init_app(app)
    memory.init_app()
    core.cli.init_app(app)
    ops.init_app(app)
    app.register_blueprint(health.bp)
    app.register_blueprint(offline.bp)
    security_txt.init_app(app)
    accounts.web.init_app(app, settings)
    accounts.cli.init_app(app)
    accounts.cross_checks.init_app()
    directory.search.init_app(app, settings)
    directory.web.init_app(app, settings)
    directory.cli.init_app(app)
    directory.cross_checks.init_app()
    directory.desk.waiting.init_app()
    directory.freshness.enquiries.init_app(settings.freshness)
    directory.notices.init_app()
    referrals.web.init_app(app)
    referrals.cli.init_app(app)
    referrals.cross_checks.init_app()
    demo.web.init_app(app, settings)
    return app
