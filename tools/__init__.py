"""Tools for maintainers; nothing here runs in a deployment."""
