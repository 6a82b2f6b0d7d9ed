"""Records in, speed-ups out: tables, ladders, scaling plots, one offline HTML page, and the regression gate.

Nothing in here measures; everything printed can be traced to a record. Start at
`groundspeed.referee.report.command.report`.
"""
