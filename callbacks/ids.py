"""Ids of the shell that every page shares; a page's own ids stand at the top of its own file of wires."""

QUERY = "query"  # dcc.Store: Query.to_dict(), the one state of the browser; only callbacks/query.py writes it
SCENARIO = "query-scenario"  # dcc.Store: the scenario of the question, "" for none, None while it is not yet known
CHANGE = "query-change"  # dcc.Store: fields of the Query that a page wishes to change (write with allow_duplicate)
LOCATION = "location"  # dcc.Location
STATUS = "status"  # status line; user errors appear here
VERSION = "version"  # dcc.Store: id of the data version on screen
DOWNLOAD = "download"  # dcc.Download, shared by all exports
