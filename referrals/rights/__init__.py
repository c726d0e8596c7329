"""Referrals, rights: what somebody may ask of us: to stop, to see, to put right, to forget."""
