"""The self-check page at a laptop: one person, one camera, from "which test" to "my report", on 127.0.0.1 only.

sources > capture > watcher (threads: the newest picture, the newest pose) > check, progress (what they say of the person) >
flow (the pure state machine) > occasion (what a screen is for, where its results go) > conductor (ties them together) >
stream, page, server (what the browser sees).
"""
