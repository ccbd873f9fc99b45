"""The pages: the API's own commands and readers, as HTML for people with a browser."""
