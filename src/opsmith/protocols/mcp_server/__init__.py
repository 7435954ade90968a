"""opsmith for every client of the Model Context Protocol, over standard streams or HTTP.

What is served is handed in (`work.Served`); `server.build` makes the MCP server of it, `stdio.serve` and `http.serve` run it.
"""
