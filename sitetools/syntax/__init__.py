"""What a page may write beyond plain Markdown, as extensions of Python-Markdown."""
