"""What every service uses. It holds no business rule of one service, and imports none of them."""
