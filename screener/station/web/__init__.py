"""The pages of the station."""
