"""The tokens of this computer, through the PKCS#11 libraries of their makers."""
