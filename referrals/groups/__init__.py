"""Referrals, groups: everything a group does without ever signing in, and what it is spared."""
