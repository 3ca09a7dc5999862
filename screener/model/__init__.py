"""Data only: landmarks, angles, results, recordings, pictures. numpy and pydantic."""
