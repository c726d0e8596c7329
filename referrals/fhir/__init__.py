"""Referrals as others speak of them: FHIR R4 with UK Core profiles, and the PRSB headings.

Pure functions of rows: what they may say is decided by the facts they are handed (sight.py).
"""
