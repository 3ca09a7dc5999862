"""What works behind the pages while the station is served."""
