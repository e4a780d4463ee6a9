"""A report as a page: templates and stylesheet, the order of its chapters, and its charts."""
