"""Programs for other people's computers. They import nothing of the services."""
