"""The ground floor: what any service of this size needs, and no noun of our field."""
