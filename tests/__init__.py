"""What is true of all this, in rooms: the course, what its pages claim, the site, the site in a browser, the scripts."""
