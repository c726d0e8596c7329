"""Directory meaning: what worried people mean by what they type; knows nothing of the index."""

from directory.meaning.understood import Meant, Understood

__all__ = ["Meant", "Understood"]
