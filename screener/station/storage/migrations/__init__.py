"""Schema upgrades of the station, in order."""
