"""What the browser sees: HTML pages with forms, made here and never by a script of the page.

guard (who may talk at all) > site (one station, who is signed in, CSRF) > entry, people, person, visit, intake, progress,
compare, practice, staff (pages) > app (all of them together) > serving (the port).
"""
