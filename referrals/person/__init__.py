"""Referrals, the person: asking for oneself, a page of one's own, and how one is told of things."""
