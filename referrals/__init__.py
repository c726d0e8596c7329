"""Referrals: one person's way from a conversation to something good."""
