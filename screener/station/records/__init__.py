"""People, consents, visits and recordings: no page, no camera."""
