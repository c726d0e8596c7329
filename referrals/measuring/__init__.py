"""Referrals, measuring: which questions can be asked of somebody, how, and what the answers say."""

from referrals.measuring.asking import ask, asked_of, can_be_asked, take_answers
from referrals.measuring.choosing import Unavailable, choosable, get_instrument
from referrals.measuring.course import Course, Mark, course_of

__all__ = [
    "Course",
    "Mark",
    "Unavailable",
    "ask",
    "asked_of",
    "can_be_asked",
    "choosable",
    "course_of",
    "get_instrument",
    "take_answers",
]
