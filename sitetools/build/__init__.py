"""What is published beside the pages, and what is checked before a page is."""
