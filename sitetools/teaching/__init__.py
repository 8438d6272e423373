"""For who gives the course: its questions as platforms read them, its checks run over a class."""
