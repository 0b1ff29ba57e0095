"""The one reading of what people type: names, codes, phones, e-mails, places."""
