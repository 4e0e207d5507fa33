"""The MCP server: search, locate and related code as tools of coding agents."""
