"""Normalises what people type, by the same rules everywhere: names, codes, phones, e-mails, places."""
