"""Referrals, the link worker's day: what is due, how to try, who has how much, and taking back."""
