"""The built site in Chromium, at the width of a laptop and of a phone, light and dark."""
