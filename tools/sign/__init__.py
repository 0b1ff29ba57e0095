"""The signing tool of an office's computer: it lets Gia Hạn's signing page use the person's USB token."""

VERSION = "0.1.0"
PROTOCOL = 1
