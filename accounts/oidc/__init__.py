"""Accounts: signing in elsewhere: NHS login, CIS2, Entra and their like, by OpenID Connect."""
