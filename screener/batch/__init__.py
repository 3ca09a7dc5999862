"""Thousands of recorded clips: a plan of what to screen, a journal of what is done, workers that do it, tables of what came."""
