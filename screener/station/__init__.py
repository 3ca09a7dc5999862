"""The clinic station: people, consents, visits, recordings, progress and reports in one encrypted database.

tables (rows) > cipher, database, migrate (where they live) > audit, work (one unit of work: who, one transaction, its audit) >
users, sessions, limiter (who may) > people, consents, visits, recordings, videos (what is kept) >
progress, reports, privacy, backup (what is made of it) > server and pages (what the browser sees).
"""
